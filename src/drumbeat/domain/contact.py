"""A contact: a person who may be enrolled, and what is known of them.

What can be known has a name and a type (PROPERTIES). Most of it is for anyone to write; the
rest the engine keeps itself (READ_ONLY), or derives from the contact (COMPUTED).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum


class PropertyType(StrEnum):
    STRING = "string"
    NUMBER = "number"
    BOOLEAN = "bool"
    DATE = "date"
    DATETIME = "datetime"
    CHOICE = "enumeration"
    PHONE = "phone_number"


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    id: int
    account_id: int
    email: str | None
    """Lower case, and the same as the property of that name."""
    properties: Mapping[str, str]
    """Every property that has a value, `email` included and what is computed left out."""
    created_at: datetime
    updated_at: datetime
    archived_at: datetime | None

    @property
    def display_name(self) -> str:
        names = (self.properties.get("firstname", ""), self.properties.get("lastname", ""))
        return " ".join(name for name in names if name) or self.email or f"contact {self.id}"

    @property
    def known(self) -> dict[str, str]:
        """Every property that has a value, with what is computed from the contact itself."""
        return {
            **self.properties,
            "createdate": in_millis(self.created_at),
            "lastmodifieddate": in_millis(self.updated_at),
            "hs_object_id": str(self.id),
        }


def in_millis(moment: datetime) -> str:
    return moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def normalised_email(address: str) -> str:
    """The address as it is kept and compared; whether it is one is for others to check."""
    return address.strip().lower()


WRITABLE: Mapping[str, PropertyType] = {
    "address": PropertyType.STRING,
    "annualrevenue": PropertyType.STRING,
    "city": PropertyType.STRING,
    "closedate": PropertyType.DATETIME,
    "company": PropertyType.STRING,
    "company_size": PropertyType.STRING,
    "country": PropertyType.STRING,
    "date_of_birth": PropertyType.STRING,
    "degree": PropertyType.STRING,
    "email": PropertyType.STRING,
    "fax": PropertyType.STRING,
    "field_of_study": PropertyType.STRING,
    "firstname": PropertyType.STRING,
    "gender": PropertyType.STRING,
    "graduation_date": PropertyType.STRING,
    "hs_additional_emails": PropertyType.STRING,
    "hs_buying_role": PropertyType.CHOICE,
    "hs_country_region_code": PropertyType.STRING,
    "hs_language": PropertyType.CHOICE,
    "hs_lead_status": PropertyType.CHOICE,
    "hs_legal_basis": PropertyType.CHOICE,
    "hs_linkedin_url": PropertyType.STRING,
    "hs_persona": PropertyType.CHOICE,
    "hs_role": PropertyType.CHOICE,
    "hs_seniority": PropertyType.CHOICE,
    "hs_state_code": PropertyType.STRING,
    "hs_sub_role": PropertyType.CHOICE,
    "hs_timezone": PropertyType.CHOICE,
    "hs_whatsapp_phone_number": PropertyType.PHONE,
    "hubspot_owner_id": PropertyType.CHOICE,
    "industry": PropertyType.STRING,
    "job_function": PropertyType.STRING,
    "jobtitle": PropertyType.STRING,
    "lastname": PropertyType.STRING,
    "lifecyclestage": PropertyType.CHOICE,
    "marital_status": PropertyType.STRING,
    "message": PropertyType.STRING,
    "military_status": PropertyType.STRING,
    "mobilephone": PropertyType.PHONE,
    "numemployees": PropertyType.CHOICE,
    "phone": PropertyType.PHONE,
    "relationship_status": PropertyType.STRING,
    "salutation": PropertyType.STRING,
    "school": PropertyType.STRING,
    "seniority": PropertyType.STRING,
    "start_date": PropertyType.STRING,
    "state": PropertyType.STRING,
    "total_revenue": PropertyType.NUMBER,
    "twitterhandle": PropertyType.STRING,
    "website": PropertyType.STRING,
    "work_email": PropertyType.STRING,
    "zip": PropertyType.STRING,
}

COMPUTED: Mapping[str, PropertyType] = {
    "createdate": PropertyType.DATETIME,
    "hs_object_id": PropertyType.NUMBER,
    "lastmodifieddate": PropertyType.DATETIME,
}

SEQUENCE_FACTS: Mapping[str, PropertyType] = {
    "hs_latest_sequence_ended_date": PropertyType.DATETIME,
    "hs_latest_sequence_enrolled": PropertyType.NUMBER,
    "hs_latest_sequence_enrolled_date": PropertyType.DATETIME,
    "hs_latest_sequence_finished_date": PropertyType.DATETIME,
    "hs_latest_sequence_unenrolled_date": PropertyType.DATETIME,
    "hs_sequences_actively_enrolled_count": PropertyType.NUMBER,
    "hs_sequences_enrolled_count": PropertyType.NUMBER,
    "hs_sequences_is_enrolled": PropertyType.BOOLEAN,
}
"""What the enrollments say of a contact; never kept with it (store/enrollments.py)."""

READ_ONLY: Mapping[str, PropertyType] = {
    **COMPUTED,
    **SEQUENCE_FACTS,
    "hs_email_bad_address": PropertyType.BOOLEAN,
    "hs_email_bounce": PropertyType.NUMBER,
    "hs_email_domain": PropertyType.STRING,
    "hs_email_hard_bounce_reason": PropertyType.STRING,
    "hs_email_hard_bounce_reason_enum": PropertyType.CHOICE,
    "hs_email_optout": PropertyType.BOOLEAN,
    "hs_email_quarantined": PropertyType.BOOLEAN,
    "hs_email_quarantined_reason": PropertyType.CHOICE,
    "hs_full_name_or_email": PropertyType.STRING,
    "hs_ip_timezone": PropertyType.STRING,
    "hs_is_contact": PropertyType.BOOLEAN,
    "hs_is_unworked": PropertyType.BOOLEAN,
    "hs_last_sales_activity_date": PropertyType.DATETIME,
    "hs_sales_email_last_clicked": PropertyType.DATETIME,
    "hs_sales_email_last_opened": PropertyType.DATETIME,
    "hs_sales_email_last_replied": PropertyType.DATETIME,
    "hubspot_owner_assigneddate": PropertyType.DATETIME,
    "notes_last_contacted": PropertyType.DATETIME,
    "notes_last_updated": PropertyType.DATETIME,
    "notes_next_activity_date": PropertyType.DATETIME,
    "num_contacted_notes": PropertyType.NUMBER,
    "num_notes": PropertyType.NUMBER,
}

PROPERTIES: Mapping[str, PropertyType] = {**WRITABLE, **READ_ONLY}
