"""SPF: which servers may send mail of a domain (RFC 7208).

Receivers take a record that breaks the rules as no record, or worse; most of what breaks them
cannot be seen in the record itself, but only once its includes are followed.
"""

from __future__ import annotations

import ipaddress
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NoReturn

from drumbeat.domain.findings import DnsRecord, Finding, Verdict
from drumbeat.domain.name_records import NameRecords, Unanswered, unanswered

CHECK = "spf"
VERSION = "v=spf1"
REDIRECT = "redirect"
MOST_LOOKUPS = 10
# How far a record is followed that is over the limit already, to say by how much.
PATIENCE = 40

MODIFIER = re.compile(r"(?P<name>[a-z][a-z0-9_.-]*)=(?P<value>\S*)", re.IGNORECASE)
MECHANISM = re.compile(
    r"(?P<qualifier>[-+~?]?)(?P<name>[a-z][a-z0-9]*)(?::(?P<value>[^\s/]\S*))?(?P<cidr>/\S+)?",
    re.IGNORECASE,
)
HOST = re.compile(r"[\w-]+(\.[\w-]+)*\.?", re.ASCII)
MACRO = re.compile(r"%[{%_-]")
CIDR = re.compile(r"(/\d{1,2})?(//\d{1,3})?")

WITH_HOST = ("include", "exists")
WITH_OR_WITHOUT = ("a", "mx", "ptr")
NETWORKS = ("ip4", "ip6")
LOOKING_UP = (*WITH_HOST, *WITH_OR_WITHOUT)

SPLIT_IT = (
    "take out what no longer sends for you, and write ip4: and ip6: for hosts whose addresses "
    "do not change"
)


class Broken(Exception):
    """The record is not one that receivers go by: what they call a permanent error."""

    def __init__(self, why: str, remedy: str) -> None:
        super().__init__(why)
        self.why = why
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class Term:
    name: str
    """With an = at its end where it is a modifier."""
    value: str = ""
    qualifier: str = ""


@dataclass(slots=True)
class Walk:
    """Through a record and those it includes, counting what a receiver has to look up."""

    names: NameRecords
    lookups: int = 0

    def follow(self, domain: str, path: tuple[str, ...] = ()) -> str | None:
        """How it ends for mail from elsewhere: the sign before `all`, None if there is none.

        Raises Broken and Unanswered.
        """
        if domain in path:
            way = " → ".join([*path[path.index(domain) :], domain])
            raise Broken(f"it includes itself ({way})", f"take the include of {domain} out")
        terms = terms_of(self.only_record(domain, path), domain)
        redirect = next((term for term in terms if term.name == f"{REDIRECT}="), None)
        for term in terms:
            if term.name == "all":
                return term.qualifier or "+"
            if term.name in LOOKING_UP:
                self.count()
            if term.name == "include" and not MACRO.search(term.value):
                self.follow(bare(term.value), (*path, domain))
        if redirect is None or MACRO.search(redirect.value):
            return None
        self.count()
        return self.follow(bare(redirect.value), (*path, domain))

    def count(self) -> None:
        self.lookups += 1
        if self.lookups >= PATIENCE:
            raise Broken(f"it needs {PATIENCE} lookups or more, {MOST_LOOKUPS} count", SPLIT_IT)

    def only_record(self, domain: str, path: tuple[str, ...]) -> str:
        records = records_of(self.names, domain)
        if len(records) == 1:
            return records[0]
        has = "no SPF record" if not records else f"{len(records)} SPF records"
        by = path[-1] if path else domain
        raise Broken(
            f"{by} includes {domain}, which has {has}",
            f"take {domain} out of the record of {by}, or write it correctly",
        )


def judge_spf(domain: str, names: NameRecords, *, example: str) -> list[Finding]:
    """What is to be said of a domain's SPF; *example* is a record that would suit it."""
    try:
        records = records_of(names, domain)
        if len(records) != 1:
            return [not_one(domain, records, example)]
        return list(judgement(domain, records[0], Walk(names)))
    except Unanswered as fault:
        return [unanswered(CHECK, domain, fault)]


def judgement(domain: str, record: str, walk: Walk) -> Iterator[Finding]:
    try:
        ending = walk.follow(domain)
    except Broken as fault:
        text = f"the record does not work: {fault.why}"
        yield finding(domain, Verdict.FAULT, text, fault.remedy)
        return
    ends = finding_of_end(domain, record, ending)
    counted = f"{walk.lookups} of {MOST_LOOKUPS} lookups"
    if walk.lookups > MOST_LOOKUPS:
        text = f"the record needs {walk.lookups} lookups, and receivers stop at {MOST_LOOKUPS}"
        yield finding(domain, Verdict.FAULT, text, SPLIT_IT)
    if ends is not None:
        yield ends
    elif walk.lookups <= MOST_LOOKUPS:
        yield finding(domain, Verdict.OK, f"one record, {counted}, ends in {ending}all")


def finding_of_end(domain: str, record: str, ending: str | None) -> Finding | None:
    """What is wrong with how it ends, None where that is as it should be."""
    if ending in ("-", "~"):
        return None
    kept = " ".join(term for term in record.split() if not is_all(term))
    better = DnsRecord(name=domain, type="TXT", value=f"{kept} ~all")
    if ending == "+":
        text = "the record ends in +all: everyone may send in the domain's name"
        return finding(domain, Verdict.FAULT, text, "end it in ~all or -all", better)
    how = "does not say" if ending is None else "leaves open (?all)"
    text = f"the record {how} what to do with mail from other servers"
    return finding(domain, Verdict.WARNING, text, "end it in ~all or -all", better)


def not_one(domain: str, records: Sequence[str], example: str) -> Finding:
    if not records:
        return finding(
            domain,
            Verdict.FAULT,
            "there is no SPF record: receivers cannot tell your servers from anybody's",
            "publish one that names every server that sends for the domain; your mail provider "
            "says what to write",
            DnsRecord(name=domain, type="TXT", value=example),
        )
    return finding(
        domain,
        Verdict.FAULT,
        f"there are {len(records)} SPF records, and with more than one none counts",
        "put them into one and take the others out",
        DnsRecord(name=domain, type="TXT", value=merged(records)),
    )


def merged(records: Sequence[str]) -> str:
    """All of them in one, without what ends them; what was a redirect is an include then."""
    terms = dict.fromkeys(
        re.sub("^redirect=", "include:", term, flags=re.IGNORECASE)
        for record in records
        for term in record.split()[1:]
        if not is_all(term)
    )
    return " ".join([VERSION, *terms, "~all"])


def records_of(names: NameRecords, domain: str) -> list[str]:
    return [text for text in names.texts(domain) if is_spf(text)]


def is_spf(text: str) -> bool:
    return text.lower().startswith(VERSION) and text[len(VERSION) :][:1] in ("", " ")


def is_all(term: str) -> bool:
    return term.lower().lstrip("+-~?") == "all"


def terms_of(record: str, domain: str) -> list[Term]:
    """Raises Broken where one of them is none."""
    return [term_of(text, domain) for text in record.split(" ")[1:] if text]


def term_of(text: str, domain: str) -> Term:
    modifier = MODIFIER.fullmatch(text)
    if modifier is not None:
        return modifying(text, modifier["name"].lower(), modifier["value"], domain)
    mechanism = MECHANISM.fullmatch(text)
    if mechanism is None:
        refuse(text, domain)
    name, value = mechanism["name"].lower(), mechanism["value"] or ""
    if not is_right(name, value, mechanism["cidr"] or ""):
        refuse(text, domain)
    return Term(name, value, mechanism["qualifier"])


def modifying(text: str, name: str, value: str, domain: str) -> Term:
    if name in (*LOOKING_UP, *NETWORKS):
        raise Broken(
            f"{text!r} in the record of {domain} is passed over", f"write {name}:{value} for it"
        )
    if name == REDIRECT and not is_host(value):
        refuse(text, domain)
    # Those that are not known are to be passed over (section 6).
    return Term(f"{name}=", value)


def is_right(name: str, value: str, cidr: str) -> bool:
    if name in NETWORKS:
        return is_network(value + cidr, int(name[-1]))
    if name in WITH_HOST:
        return is_host(value) and not cidr
    if name in WITH_OR_WITHOUT:
        host, slash, length = value.partition("/")
        return (not host or is_host(host)) and bool(CIDR.fullmatch(slash + length + cidr))
    return name == "all" and not value and not cidr


def refuse(text: str, domain: str) -> NoReturn:
    raise Broken(f"{text!r} in the record of {domain} is no term of SPF", "correct or remove it")


def is_host(value: str) -> bool:
    return bool(MACRO.search(value) or HOST.fullmatch(value))


def is_network(value: str, version: int) -> bool:
    try:
        return ipaddress.ip_network(value, strict=False).version == version
    except ValueError:
        return False


def bare(host: str) -> str:
    return host.rstrip(".").lower()


def finding(
    domain: str,
    verdict: Verdict,
    text: str,
    remedy: str | None = None,
    record: DnsRecord | None = None,
) -> Finding:
    return Finding(
        check=CHECK, about=domain, verdict=verdict, text=text, remedy=remedy, record=record
    )
