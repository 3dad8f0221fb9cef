"""Enrollments as HubSpot shows them, and as it is asked for one."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from drumbeat.domain.enrollment import Enrollment
from drumbeat.http.wire import MAX_NAME, Asked, AskedId, Shape, WireId, WireTime
from drumbeat.store.enrollments import ShownEnrollment


class EnrollmentAsked(Asked):
    """PublicSequenceEnrollmentRequest."""

    sequence_id: AskedId
    contact_id: AskedId
    sender_email: str = Field(min_length=1, max_length=MAX_NAME)
    sender_alias_address: str | None = Field(default=None, max_length=MAX_NAME)


class EnrollmentLite(Shape):
    """PublicSequenceEnrollmentLiteResponse."""

    id: WireId
    to_email: str
    enrolled_at: WireTime
    updated_at: WireTime

    @classmethod
    def of(cls, enrollment: Enrollment) -> Self:
        return cls(
            id=enrollment.id,
            to_email=enrollment.to_email,
            enrolled_at=enrollment.enrolled_at,
            updated_at=enrollment.updated_at,
        )


class EnrollmentShape(EnrollmentLite):
    """PublicSequenceEnrollmentResponse."""

    sequence_id: WireId
    sequence_name: str
    enrolled_by: WireId
    enrolled_by_email: str

    @classmethod
    def of_shown(cls, enrollment: ShownEnrollment) -> Self:
        return cls(
            id=enrollment.id,
            to_email=enrollment.to_email,
            enrolled_at=enrollment.enrolled_at,
            updated_at=enrollment.updated_at,
            sequence_id=enrollment.sequence_id,
            sequence_name=enrollment.sequence_name,
            enrolled_by=enrollment.user_id,
            enrolled_by_email=enrollment.user_email,
        )
