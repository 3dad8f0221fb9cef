"""What a token may be allowed to do: HubSpot's names, and one for our own API."""

from __future__ import annotations

SEQUENCES_READ = "automation.sequences.read"
SEQUENCES_WRITE = "automation.sequences.write"
SEQUENCES_CREATE = "automation.sequences.create"
SEQUENCES_EDIT = "automation.sequences.edit"
SEQUENCES_DELETE = "automation.sequences.delete"
ENROLLMENTS_WRITE = "automation.sequences.enrollments.write"
TEMPLATES_READ = "sales-templates-public-read"
TEMPLATES_WRITE = "sales-templates-public-write"
CONTACTS_READ = "crm.objects.contacts.read"
CONTACTS_WRITE = "crm.objects.contacts.write"
OWNERS_READ = "crm.objects.owners.read"
AUTOMATION = "automation"
DRUMBEAT = "drumbeat"
"""Everything under /drumbeat/v1."""

ALL_SCOPES = frozenset(
    {
        SEQUENCES_READ,
        SEQUENCES_WRITE,
        SEQUENCES_CREATE,
        SEQUENCES_EDIT,
        SEQUENCES_DELETE,
        ENROLLMENTS_WRITE,
        TEMPLATES_READ,
        TEMPLATES_WRITE,
        CONTACTS_READ,
        CONTACTS_WRITE,
        OWNERS_READ,
        AUTOMATION,
        DRUMBEAT,
    }
)
