"""Every route of HubSpot's that is served, at every version, and where HubSpot describes it."""

from __future__ import annotations

from typing import NamedTuple

from tests.http.hubspot.bodies import CONTACTS, OWNERS, TEMPLATES

V4 = "/automation/v4/sequences"
DATED = "/automation/sequences"
BETA = f"{DATED}/2026-09-beta"
GA = f"{DATED}/2026-09"

BETA_FILE = "sequences_2026-09-beta.json"
TEMPLATES_FILE = "emailTemplates_2026-09-beta.json"
CONTACTS_FILE = "contacts_v3.json"
OWNERS_FILE = "owners_v3.json"

# What each version is described in, and whether it knows of adaptive steps.
VERSIONS = {
    V4: ("sequences_v4.json", True),
    f"{DATED}/2025-09": ("sequences_2025-09.json", False),
    f"{DATED}/2026-03": ("sequences_2026-03.json", True),
    GA: ("sequences_2026-09.json", False),
    BETA: (BETA_FILE, True),
}
MANAGING = (BETA, GA)


class Route(NamedTuple):
    file: str
    method: str
    path: str
    status: int
    described: str
    """The path that the file has it under."""


def routes_of_sequences() -> list[Route]:
    wanted = [
        ("GET", ""),
        ("GET", "/{sequenceId}"),
        ("POST", "/enrollments"),
        ("GET", "/enrollments/contact/{contactId}"),
    ]
    return [
        Route(file, method, address + rest, 200, address + rest)
        for address, (file, _) in VERSIONS.items()
        for method, rest in wanted
    ]


def routes_of_management() -> list[Route]:
    """At the address of 2026-09 too, whose management is the beta's: of that there is a file."""
    wanted = [
        ("POST", "/enrollments", 200),
        ("GET", "/sequences", 200),
        ("POST", "/sequences", 200),
        ("GET", "/sequences/{sequenceId}", 200),
        ("PUT", "/sequences/{sequenceId}", 200),
        ("DELETE", "/sequences/{sequenceId}", 204),
        ("GET", "/sequences/{sequenceId}/performance", 200),
    ]
    return [
        Route(
            BETA_FILE,
            method,
            f"{address}/serviceaccounts{rest}",
            status,
            f"{BETA}/serviceaccounts{rest}",
        )
        for address in MANAGING
        for method, rest, status in wanted
    ]


def routes_of_neighbours() -> list[Route]:
    wanted = [
        (TEMPLATES_FILE, "GET", TEMPLATES, 200),
        (TEMPLATES_FILE, "POST", TEMPLATES, 201),
        (TEMPLATES_FILE, "GET", f"{TEMPLATES}/folders", 200),
        (TEMPLATES_FILE, "GET", f"{TEMPLATES}/{{templateId}}", 200),
        (TEMPLATES_FILE, "PATCH", f"{TEMPLATES}/{{templateId}}", 200),
        (CONTACTS_FILE, "GET", CONTACTS, 200),
        (CONTACTS_FILE, "POST", CONTACTS, 201),
        (CONTACTS_FILE, "GET", f"{CONTACTS}/{{contactId}}", 200),
        (CONTACTS_FILE, "PATCH", f"{CONTACTS}/{{contactId}}", 200),
        (CONTACTS_FILE, "DELETE", f"{CONTACTS}/{{contactId}}", 204),
        (OWNERS_FILE, "GET", OWNERS, 200),
        (OWNERS_FILE, "GET", f"{OWNERS}/{{ownerId}}", 200),
    ]
    return [Route(*each, described=each[2]) for each in wanted]


ROUTES = [*routes_of_sequences(), *routes_of_management(), *routes_of_neighbours()]
