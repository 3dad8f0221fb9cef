"""`drumbeat doctor`: looks at everything, changes nothing, and says what to change."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any

import typer

from drumbeat.cli.doctor_settings import of_links, of_settings, of_wrong_settings
from drumbeat.cli.opening import set_up_log
from drumbeat.cli.saying import as_called, counted, remark, say, say_json
from drumbeat.clock import SystemClock
from drumbeat.domain.findings import Finding, Verdict, worst
from drumbeat.domain.sender import Sender
from drumbeat.mail.name_servers import NameServers
from drumbeat.services.connecting import Connecting
from drumbeat.services.examining_database import examine_database
from drumbeat.services.examining_domains import ExaminingDomains
from drumbeat.services.examining_inboxes import ExaminingInboxes
from drumbeat.services.examining_keys import examine_keys, vault_as_it_is
from drumbeat.settings import Settings, WrongSettings
from drumbeat.store.database import Database

SOMETHING_IS_WRONG = 3
WIDTH = max(len(verdict) for verdict in Verdict) + 2
COLORS = {
    Verdict.OK: typer.colors.GREEN,
    Verdict.WARNING: typer.colors.YELLOW,
    Verdict.FAULT: typer.colors.RED,
}
# The others say it in their names.
LABELS = {"mx": "MX of", "spf": "SPF of", "dkim": "DKIM of", "dmarc": "DMARC of", "key": "key for"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """How far to look."""

    is_offline: bool
    resolver: str | None
    selectors: Sequence[str]
    patience: float


def doctor(given: Mapping[str, Any], scope: Scope, *, as_json: bool) -> None:
    """Tell what is found as it is found; ends with status 3 where there is a fault."""
    set_up_log("error", "console")
    found = []
    for each in findings(given, scope):
        found.append(each)
        if not as_json:
            tell(each)
    if as_json:
        facts = [facts_of(each) for each in found]
        say_json({"status": worst(found).value, "checks": facts})
    else:
        say(summary(found))
    if worst(found) is Verdict.FAULT:
        raise typer.Exit(SOMETHING_IS_WRONG)


def findings(given: Mapping[str, Any], scope: Scope) -> Iterator[Finding]:
    # What is mistyped is told before anything else, which can take its time.
    names = None if scope.is_offline else NameServers(at=scope.resolver, patience=scope.patience)
    try:
        settings = Settings.load(given, os.environ)
    except WrongSettings as fault:
        yield from of_wrong_settings(fault)
        return
    yield from of_settings(settings, given, os.environ)
    of_database = list(examine_database(settings))
    yield from of_database
    if any(each.verdict is Verdict.FAULT for each in of_database if each.check != "disk"):
        yield from examine_keys(settings, None)
        remark("Inboxes and their domains are looked at once the database is in order.")
        return
    with closing(Database(settings.database_url)) as database:
        yield from of_mail(settings, database, names, scope)


def of_mail(
    settings: Settings, database: Database, names: NameServers | None, scope: Scope
) -> Iterator[Finding]:
    yield from examine_keys(settings, database)
    if settings.mail == "capture":
        return
    inboxes = ExaminingInboxes(
        database=database,
        connecting=Connecting(
            database=database, clock=SystemClock(), vault=vault_as_it_is(settings)
        ),
        patience=scope.patience,
    )
    senders = inboxes.connected()
    links = of_links(settings, senders)
    if links is not None:
        yield links
    if not senders:
        remark(f"No inbox is connected; `{as_called()} inbox connect` does it.")
    if names is None:
        yield from inboxes.remembered(senders)
        remark("Mail servers and name servers were not asked (--offline).")
        return
    yield from inboxes.tried(senders)
    yield from of_domains(names, senders, scope)


def of_domains(names: NameServers, senders: Sequence[Sender], scope: Scope) -> Iterator[Finding]:
    if not senders:
        return
    why = names.why_unreachable()
    if why is None:
        yield from ExaminingDomains(names=names, selectors=scope.selectors).of(senders)
        return
    yield Finding(
        check="dns",
        verdict=Verdict.WARNING,
        text=f"no name server answers ({why}), so that no domain's records can be looked at",
        remedy="give one that does with --resolver, such as --resolver 9.9.9.9; or --offline",
    )


def tell(finding: Finding) -> None:
    verdict = typer.style(finding.verdict.value.ljust(WIDTH), fg=COLORS[finding.verdict])
    say(f"{verdict}{label_of(finding)}: {finding.text}")
    if finding.remedy is not None:
        say(f"{' ' * WIDTH}→ {as_typed_here(finding.remedy)}")
    if finding.record is not None:
        record = finding.record
        value = f'"{record.value}"' if record.type == "TXT" else record.value
        say(f"{' ' * WIDTH}  {record.name}.  {record.type}  {value}")


def label_of(finding: Finding) -> str:
    if finding.about is None:
        return finding.check
    return f"{LABELS.get(finding.check, finding.check)} {finding.about}"


def as_typed_here(remedy: str) -> str:
    return remedy.replace("`drumbeat ", f"`{as_called()} ")


def summary(found: Sequence[Finding]) -> str:
    faults = sum(each.verdict is Verdict.FAULT for each in found)
    warnings = sum(each.verdict is Verdict.WARNING for each in found)
    parts = [counted(faults, "fault")] if faults else []
    parts += [counted(warnings, "warning")] if warnings else []
    return f"{' and '.join(parts)}." if parts else "All is well."


def facts_of(finding: Finding) -> dict[str, object]:
    record = finding.record
    return {
        "check": finding.check,
        "about": finding.about,
        "status": finding.verdict.value,
        "message": finding.text,
        "remedy": finding.remedy and as_typed_here(finding.remedy),
        "record": record and {"name": record.name, "type": record.type, "value": record.value},
    }
