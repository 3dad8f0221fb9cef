"""Owners: our users, as HubSpot's CRM shows them, with both numbers that people mix up."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, Self

from drumbeat.domain.user import User
from drumbeat.http.paging import Paging
from drumbeat.http.wire import Shape, WireId, WireTime


class OwnerShape(Shape):
    """PublicOwner."""

    id: WireId
    user_id: int
    user_id_including_inactive: int
    email: str
    first_name: str
    last_name: str
    type: Literal["PERSON", "QUEUE"] = "PERSON"
    archived: bool = False
    created_at: WireTime
    updated_at: WireTime

    @classmethod
    def of(cls, user: User) -> Self:
        return cls(
            id=user.owner_id,
            user_id=user.id,
            user_id_including_inactive=user.id,
            email=user.email,
            first_name=user.first_name,
            last_name=user.last_name,
            created_at=user.created_at,
            updated_at=user.updated_at,
        )


class OwnerList(Shape):
    """CollectionResponsePublicOwnerForwardPaging."""

    results: Sequence[OwnerShape]
    paging: Paging | None = None
