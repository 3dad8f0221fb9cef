"""The parameters that HubSpot's routes share."""

from __future__ import annotations

from typing import Annotated, TypeAlias

from fastapi import Path, Query

from drumbeat.http.wire import AskedId, AskedNumber

UserId: TypeAlias = Annotated[AskedId, Query(alias="userId")]
SequenceId: TypeAlias = Annotated[AskedId, Path(alias="sequenceId")]
ContactId: TypeAlias = Annotated[AskedId, Path(alias="contactId")]
UpTo100: TypeAlias = Annotated[AskedNumber, Query(alias="limit", ge=1, le=100)]
NamePart: TypeAlias = Annotated[str | None, Query(alias="name", max_length=255)]
