"""DMARC: what receivers do with mail in a domain's name that neither SPF nor DKIM vouches for.

It asks for one of the two to pass for the domain that the reader sees (RFC 7489). A domain
without a policy of its own comes under that of a domain above it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from drumbeat.domain.findings import DnsRecord, Finding, Verdict
from drumbeat.domain.name_records import NameRecords, Unanswered, is_within, tags_in, unanswered

CHECK = "dmarc"
VERSION = "DMARC1"
POLICIES = ("none", "quarantine", "reject")
REPORT_ADDRESS = re.compile(
    r"mailto:[^@\s,!]+@(?P<domain>[\w.-]+)(!\d+[kmgt]?)?", re.IGNORECASE | re.ASCII
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Policy:
    """The record that counts for a domain, wherever it stands."""

    domain: str
    published_at: str
    """The domain whose record it is: this one or one above."""
    tags: dict[str, str]

    @property
    def is_inherited(self) -> bool:
        return self.published_at != self.domain

    @property
    def asks_for(self) -> str:
        own = self.tags.get("p", "")
        return (self.tags.get("sp", own) if self.is_inherited else own).lower()

    def is_strict(self, tag: str) -> bool:
        """Whether *tag* (adkim, aspf) asks for the very domain, and not one beside or below it."""
        return self.tags.get(tag, "r").lower() == "s"


class Doubled(Exception):
    """There are several records at one name, and so none that counts."""

    def __init__(self, name: str, count: int) -> None:
        super().__init__(f"there are {count} DMARC records at {name}, and so none counts")
        self.name = name


def judge_dmarc(domain: str, names: NameRecords) -> list[Finding]:
    """What is to be said of the policy that a domain's mail comes under."""
    try:
        policy = policy_of(domain, names)
        return [none_found(domain)] if policy is None else list(judgement(policy, names))
    except Doubled as fault:
        return [finding(domain, Verdict.FAULT, str(fault), "keep one, and take the others out")]
    except Unanswered as fault:
        return [unanswered(CHECK, domain, fault)]


def judge_alignment(alias_domain: str, envelope: str, names: NameRecords) -> list[Finding]:
    """Whether mail that shows one domain and is returned to another can pass for the first.

    Its SPF is judged for the second, so that only a signature by the first is left.
    """
    try:
        policy = policy_of(alias_domain, names)
    except (Doubled, Unanswered):
        # Told of the domain itself already.
        return []
    if policy is None or is_aligned(alias_domain, envelope, policy):
        return []
    text = (
        f"aliases at {alias_domain} leave with a return address at {envelope}, so that SPF "
        "does not count for them"
    )
    remedy = f"have the mail server sign such mail by DKIM for {alias_domain}, or send it otherwise"
    return [finding(alias_domain, Verdict.WARNING, text, remedy)]


def policy_of(domain: str, names: NameRecords) -> Policy | None:
    """The nearest record, from the domain itself upwards. Raises Doubled and Unanswered."""
    labels = domain.split(".")
    for start in range(max(len(labels) - 1, 1)):
        at = ".".join(labels[start:])
        found = [text for text in names.texts(f"_dmarc.{at}") if is_dmarc(text)]
        if len(found) > 1:
            raise Doubled(f"_dmarc.{at}", len(found))
        if found:
            return Policy(domain=domain, published_at=at, tags=tags_in(found[0]))
    return None


def judgement(policy: Policy, names: NameRecords) -> Iterator[Finding]:
    domain, asks_for = policy.domain, policy.asks_for
    above = f" of {policy.published_at}" if policy.is_inherited else ""
    if asks_for not in POLICIES:
        said = f"p={asks_for} is none of {', '.join(POLICIES)}" if asks_for else "it has no p="
        text = f"the record{above} does not work: {said}"
        yield finding(domain, Verdict.FAULT, text, "write p=none to begin with", example(domain))
        return
    complaints = [*of_reports(policy, names), *of_policy(policy, above)]
    yield from complaints
    if not complaints:
        strict = [tag for tag in ("aspf", "adkim") if policy.is_strict(tag)]
        how = f", strict ({', '.join(strict)})" if strict else ""
        yield finding(domain, Verdict.OK, f"the policy{above} is {asks_for}{how}")


def of_policy(policy: Policy, above: str) -> Iterator[Finding]:
    percent = policy.tags.get("pct", "100")
    if policy.asks_for == "none":
        text = f"the policy{above} is none: others can send in the domain's name, and it is watched"
        remedy = "once the reports show that all your own mail passes, write p=quarantine"
        yield finding(policy.domain, Verdict.WARNING, text, remedy)
    elif percent != "100":
        text = f"the policy{above} is {policy.asks_for} for {percent} % of the mail only"
        yield finding(policy.domain, Verdict.WARNING, text, "take pct= out when all is well")


def of_reports(policy: Policy, names: NameRecords) -> Iterator[Finding]:
    listed = [each.strip() for each in policy.tags.get("rua", "").split(",") if each.strip()]
    if not listed:
        text = "nobody is sent reports of what passes and what does not (rua)"
        remedy = (
            f"add rua=mailto:dmarc@{policy.published_at} to the record, or wherever you read it"
        )
        yield finding(policy.domain, Verdict.WARNING, text, remedy)
    for each in listed:
        address = REPORT_ADDRESS.fullmatch(each)
        if address is None:
            text = f"reports cannot be sent to {each!r} (rua)"
            yield finding(policy.domain, Verdict.WARNING, text, "write mailto: and an address")
        else:
            yield from of_stranger(policy, address["domain"].lower().rstrip("."), names)


def of_stranger(policy: Policy, to: str, names: NameRecords) -> Iterator[Finding]:
    """Reports go to another domain only where that agrees (RFC 7489 section 7.1)."""
    own = policy.published_at
    if is_within(to, own) or is_within(own, to):
        return
    agreement = DnsRecord(name=f"{own}._report._dmarc.{to}", type="TXT", value=f"v={VERSION}")
    if not any(is_dmarc(text) for text in names.texts(agreement.name)):
        text = f"{to} has not agreed to be sent the reports about {own}, and gets none"
        remedy = f"{to} publishes that it does, or send them to an address of your own"
        yield finding(policy.domain, Verdict.WARNING, text, remedy, agreement)


def none_found(domain: str) -> Finding:
    return finding(
        domain,
        Verdict.FAULT,
        "there is no DMARC record, which the big receivers want to see from who sends much",
        "publish one; p=none only watches, and does no harm",
        example(domain),
    )


def example(domain: str) -> DnsRecord:
    value = f"v={VERSION}; p=none; rua=mailto:dmarc@{domain}"
    return DnsRecord(name=f"_dmarc.{domain}", type="TXT", value=value)


def is_dmarc(text: str) -> bool:
    first, _, _ = text.partition(";")
    name, _, value = first.partition("=")
    return name.strip().lower() == "v" and value.strip() == VERSION


def is_aligned(shown: str, envelope: str, policy: Policy) -> bool:
    if shown == envelope:
        return True
    # Which domains are of one organization cannot be seen in their names; where its record
    # stands is as near as one comes without a list of all registries.
    organization = policy.published_at
    is_one = is_within(envelope, organization) or is_within(organization, envelope)
    return is_one and not policy.is_strict("aspf")


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
