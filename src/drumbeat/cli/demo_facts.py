"""What the demo's two weeks are made of: its people, what is written to them, and what Nora does.

Everybody in it is made up, and lives at a domain that is kept for examples (RFC 2606).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

STARTS_AT = "2026-03-02T08:00:00Z"
REP_EMAIL = "nora@drumbeat.example.com"
REP_NAME = "Nora Lindqvist"
REP_ZONE = "Europe/Berlin"
# From nine o'clock, when she begins, to five, when she looks at what is left.
FIRST_DAY = "PT8H"
ONE_DAY = "P1D"
DAYS = 14

# Who has no company and who has no name are there for what the engine makes of it.
PEOPLE = """\
email,firstname,lastname,company,jobtitle,city
amara.diallo@lumen.example.com,Amara,Diallo,Lumen Works,Head of Operations,Lyon
bruno.costa@tidewater.example.org,Bruno,Costa,Tidewater Freight,Logistics Lead,Porto
chiara.ricci@altopiano.example.net,Chiara,Ricci,Altopiano Foods,Founder,Verona
david.osei@brightfield.example.com,David,Osei,Brightfield Energy,Plant Manager,Leeds
elif.kaya@mosaic.example.org,Elif,Kaya,Mosaic Studio,Managing Partner,Izmir
farid.haddad@cedarline.example.net,Farid,Haddad,Cedarline Clinics,IT Director,Lille
greta.holm@nordlys.example.com,Greta,Holm,Nordlys Boats,Head of Sales,Bergen
hugo.mertens@kanaal.example.org,Hugo,Mertens,Kanaal Logistics,Fleet Manager,Ghent
ines.vega@solana.example.net,Ines,Vega,Solana Hotels,Revenue Manager,Malaga
jonas.weber@ostwind.example.com,Jonas,Weber,Ostwind Bikes,Founder,Leipzig
katya.petrova@birchline.example.org,Katya,Petrova,Birchline Paper,Buyer,Sofia
liam.byrne@harbour.example.net,Liam,Byrne,Harbour Analytics,Data Lead,Cork
mei.tanaka@kumo.example.com,Mei,Tanaka,Kumo Robotics,Chief of Staff,Osaka
noah.fischer@alpenhof.example.org,Noah,Fischer,Alpenhof Dairy,Export Manager,Graz
office@quietpress.example.net,,,Quiet Press,,Bristol
paula.novak@vltava.example.com,Paula,Novak,Vltava Glass,Design Lead,Prague
quentin.roux@garonne.example.org,Quentin,Roux,,Consultant,Toulouse
rosa.almeida@serra.example.net,Rosa,Almeida,Serra Tiles,Marketing Lead,Braga
samir.khan@northgate.example.com,Samir,Khan,Northgate Tutors,Director,Bradford
tessa.devries@polder.example.org,Tessa,de Vries,Polder Seeds,Agronomist,Utrecht
umut.aydin@anadolu.example.net,Umut,Aydin,,Consultant,Ankara
vera.lehto@saimaa.example.com,Vera,Lehto,Saimaa Timber,Mill Manager,Lahti
wanda.zielinska@wisla.example.org,Wanda,Zielinska,Wisla Textiles,Owner,Lodz
xavier.puig@costa.example.net,Xavier,Puig,Costa Ceramics,Sales Director,Girona
yasmin.saleh@oasis.example.com,Yasmin,Saleh,Oasis Travel,Head of Product,Valletta
"""
HOW_MANY_ARE_CALLED = 11

HELLO = {
    "name": "Hello",
    "subject": "{{ contact.firstname|default('Hello') }}, a question about follow-ups",
    "body": "<p>Hi {{ contact.firstname|default('there') }},</p>"
    "<p>who at {{ contact.company|default('your company') }} makes sure that nobody is "
    "forgotten after a first call?</p><p>{{ sender.firstname }}</p>",
}
# It asks for the company and has nothing to say instead.
EXAMPLE = {
    "name": "Example",
    "subject": "How others do it",
    "body": "<p>Hi {{ contact.firstname|default('there') }},</p>"
    "<p>two teams like {{ contact.company }} told us how they do it. May I send you their "
    "notes?</p><p>{{ sender.firstname }}</p>",
}
LAST_ONE = {
    "name": "Last one",
    "subject": "Shall I close this?",
    "body": "<p>Hi {{ contact.firstname|default('there') }},</p>"
    "<p>I will not write again unless you ask me to. All the best!</p>"
    "<p>{{ sender.firstname }}</p>",
}

DAY = 86_400_000
SETTINGS = {
    "eligibleFollowUpDays": "BUSINESS_DAYS",
    "individualTaskRemindersEnabled": False,
    "sellingStrategy": "LEAD_BASED",
    "sendWindowStartMinute": 480,
    "sendWindowEndMinute": 1080,
    "taskCreationMinute": 480,
    "taskReminderMinute": 480,
    "unenrollmentSettings": {
        "emailSettings": {"criteria": "ALL", "sellingStrategy": "LEAD_BASED"},
        "meetingSettings": {"criteria": "ALL", "sellingStrategy": "LEAD_BASED"},
    },
    "useThreadedFollowUps": True,
}


def call_then_write(hello_id: str) -> dict[str, Any]:
    """The example of HubSpot's guide: a call, an e-mail by hand a day after it, the end."""
    call = {
        "taskType": "CALL",
        "taskPriority": "HIGH",
        "notes": "<p>Ask who follows up with their leads.</p>",
    }
    email = {"taskType": "EMAIL", "taskPriority": "NONE", "templateId": hello_id}
    steps = [
        step(0, "TASK", 0, taskPattern=call),
        step(1, "TASK", DAY, taskPattern=email),
        step(2, "FINISH_ENROLLMENT", 0),
    ]
    return sequence("Call, then write", steps, [waits(1, 0), waits(2, 1)])


def three_emails(hello_id: str, example_id: str, last_id: str) -> dict[str, Any]:
    """An e-mail and two that follow it up in its thread."""
    steps = [
        step(0, "EMAIL", 0, emailPattern={"templateId": hello_id}),
        step(1, "EMAIL", 2 * DAY, emailPattern=follow_up(example_id)),
        step(2, "EMAIL", 4 * DAY, emailPattern=follow_up(last_id)),
        step(3, "FINISH_ENROLLMENT", 0),
    ]
    return sequence("Three e-mails", steps, [])


def sequence(
    name: str, steps: list[dict[str, Any]], dependencies: list[dict[str, Any]]
) -> dict[str, Any]:
    return {
        "name": name,
        "dynamic": False,
        "steps": steps,
        "dependencies": dependencies,
        "settings": SETTINGS,
    }


def step(order: int, action: str, delay: int, **pattern: dict[str, Any]) -> dict[str, Any]:
    return {
        "stepOrder": order,
        "actionType": action,
        "delayMillis": delay,
        "dynamic": False,
        "branchNumber": 0,
        "variants": [],
        **pattern,
    }


def waits(required_by: int, relies_on: int) -> dict[str, Any]:
    """The step *required_by* waits until the task of *relies_on* is done."""
    return {
        "dependencyType": "TASK_COMPLETION",
        "reliesOnStepOrder": relies_on,
        "requiredByStepOrder": required_by,
        "branchNumber": 0,
    }


def follow_up(template_id: str) -> dict[str, Any]:
    return {"templateId": template_id, "threadEmailToStepOrder": 0}


@dataclass(frozen=True, slots=True)
class AtFive:
    """What Nora does at the end of one day; the tasks by their type, how many of each."""

    tasks: Mapping[str, int] = field(default_factory=dict)
    takes_out: str | None = None
    completes: tuple[str, str] | None = None
    """Whose company she finds out, and what it is."""


DIARY = {
    0: AtFive({"CALL": 4}),
    1: AtFive({"CALL": 3, "EMAIL": 2}),
    2: AtFive({"EMAIL": 1}),
    3: AtFive({"CALL": 2, "EMAIL": 2}, takes_out="mei.tanaka@kumo.example.com"),
    4: AtFive({"CALL": 1}, completes=("quentin.roux@garonne.example.org", "Roux & Cie")),
    7: AtFive({"EMAIL": 3}),
    9: AtFive({"EMAIL": 1}),
}
