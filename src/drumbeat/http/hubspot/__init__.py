"""HubSpot's API: its addresses, names and formats, which appear nowhere else."""

from __future__ import annotations

from fastapi import APIRouter

from drumbeat.http.hubspot import authoring, contacts, enrollments, owners, sequences, templates

# Another version of the API is one more line here.
V4_FAMILY = ("/automation/v4/sequences",)
MANAGEMENT = ("/automation/sequences/2026-09-beta",)
TEMPLATES = ("/automation/email-templates/2026-09-beta",)
CONTACTS = ("/crm/v3/objects/contacts",)
OWNERS = ("/crm/v3/owners",)


def routers() -> list[APIRouter]:
    """A router for every family at every address that it is served at."""
    return [
        # Enrollments first: their address would else be taken for a sequence's id.
        *(enrollments.router_at(prefix) for prefix in V4_FAMILY),
        *(sequences.router_at(prefix) for prefix in V4_FAMILY),
        *(authoring.router_at(prefix) for prefix in MANAGEMENT),
        *(templates.router_at(prefix) for prefix in TEMPLATES),
        *(contacts.router_at(prefix) for prefix in CONTACTS),
        *(owners.router_at(prefix) for prefix in OWNERS),
    ]
