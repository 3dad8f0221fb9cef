"""HubSpot's API: its addresses, names and formats, which appear nowhere else."""

from __future__ import annotations

from fastapi import APIRouter

from drumbeat.http.hubspot import (
    authoring,
    contacts,
    enrollments,
    owners,
    performance,
    sequences,
    templates,
)
from drumbeat.http.hubspot.versions import VERSIONS

TEMPLATES = ("/automation/email-templates/2026-09-beta",)
CONTACTS = ("/crm/v3/objects/contacts",)
OWNERS = ("/crm/v3/owners",)
MANAGED = tuple(version for version in VERSIONS if version.has_management)


def routers() -> list[APIRouter]:
    """A router for every family at every address that it is served at."""
    return [
        # Enrollments first: their address would else be taken for a sequence's id.
        *(enrollments.router_at(version) for version in VERSIONS),
        *(sequences.router_at(version) for version in VERSIONS),
        *(enrollments.managed_router_at(version) for version in MANAGED),
        *(authoring.router_at(version) for version in MANAGED),
        *(performance.router_at(version) for version in MANAGED),
        *(templates.router_at(prefix) for prefix in TEMPLATES),
        *(contacts.router_at(prefix) for prefix in CONTACTS),
        *(owners.router_at(prefix) for prefix in OWNERS),
    ]
