"""MX: where a domain takes mail, and so the replies to what was sent from it."""

from __future__ import annotations

from drumbeat.domain.findings import DnsRecord, Finding, Verdict
from drumbeat.domain.name_records import NameRecords, Unanswered, unanswered

CHECK = "mx"


def judge_mx(domain: str, names: NameRecords) -> Finding:
    """Whether a reply to an address in this domain can arrive."""
    try:
        return judgement(domain, names)
    except Unanswered as fault:
        return unanswered(CHECK, domain, fault)


def judgement(domain: str, names: NameRecords) -> Finding:
    found = [exchange.host for exchange in names.exchanges(domain)]
    if not found:
        return without(domain, names)
    if found == [""]:
        text = "the domain says that it takes no mail (RFC 7505), and a reply would bounce"
        remedy = "send as an address that takes mail, or take the MX record of a dot out"
        return finding(domain, Verdict.FAULT, text, remedy)
    lost = [host for host in found if not names.has_address(host)]
    if not lost:
        return finding(domain, Verdict.OK, f"replies go to {found[0]}{more_than(found)}")
    remedy = "correct the MX records: each names a host that has an address, and is no address"
    if len(lost) == len(found):
        text = f"none of its hosts ({', '.join(found)}) has an address, and no reply can arrive"
        return finding(domain, Verdict.FAULT, text, remedy)
    text = f"{', '.join(lost)} has no address; replies go to the others"
    return finding(domain, Verdict.WARNING, text, remedy)


def without(domain: str, names: NameRecords) -> Finding:
    record = DnsRecord(name=domain, type="MX", value=f"10 mail.{domain}.")
    remedy = "publish where the domain takes mail; your mail provider says what to write"
    if names.has_address(domain):
        text = "there is no MX record: replies go to the host of the domain itself"
        return finding(domain, Verdict.WARNING, text, remedy, record)
    text = "there is no MX record, and replies have nowhere to go"
    return finding(domain, Verdict.FAULT, text, remedy, record)


def more_than(hosts: list[str]) -> str:
    return f" and {len(hosts) - 1} more" if len(hosts) > 1 else ""


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
