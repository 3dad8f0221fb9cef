"""DMARC: the policy a domain's mail comes under, wherever it stands."""

from __future__ import annotations

import pytest

from drumbeat.domain.dmarc import judge_alignment, judge_dmarc
from drumbeat.domain.findings import Finding, Verdict
from tests.domain.written_records import Written

REPORTED = "rua=mailto:dmarc@example.com"


def names(**by_domain: str | list[str]) -> Written:
    """The records at _dmarc.…, with an underscore for each dot of the domain."""
    return Written(
        {
            f"_dmarc.{domain.replace('_', '.')}": [record] if isinstance(record, str) else record
            for domain, record in by_domain.items()
        }
    )


def only(found: list[Finding]) -> Finding:
    [finding] = found
    return finding


def judged(record: str) -> Finding:
    return only(judge_dmarc("example.com", names(example_com=record)))


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (f"v=DMARC1; p=reject; {REPORTED}", "the policy is reject"),
        (f"v=DMARC1;p=Quarantine;{REPORTED};", "the policy is quarantine"),
        (f"V = DMARC1 ; P = reject ; {REPORTED} ; pct=100", "the policy is reject"),
        (f"v=DMARC1; p=reject; {REPORTED}!10m,mailto:b@example.com", "the policy is reject"),
        (
            f"v=DMARC1; p=reject; aspf=s; adkim=s; {REPORTED}",
            "the policy is reject, strict (aspf, adkim)",
        ),
        ("v=DMARC1; p=reject; rua=mailto:d@reports.example.com", "the policy is reject"),
    ],
)
def test_a_policy_that_holds_is_said(record: str, said: str) -> None:
    finding = judged(record)

    assert (finding.verdict, finding.text) == (Verdict.OK, said)


def test_without_a_record_one_is_proposed() -> None:
    finding = only(judge_dmarc("example.com", names()))

    assert finding.verdict is Verdict.FAULT
    assert finding.record is not None
    assert finding.record.name == "_dmarc.example.com"
    assert finding.record.value == "v=DMARC1; p=none; rua=mailto:dmarc@example.com"


@pytest.mark.parametrize("record", ["v=DMARC2; p=none", "v=dmarc1; p=none", "p=none", "", "DMARC1"])
def test_what_is_not_dmarc_is_no_record(record: str) -> None:
    assert "there is no DMARC record" in judged(record).text


@pytest.mark.parametrize(
    ("record", "verdict", "said"),
    [
        (f"v=DMARC1; {REPORTED}", Verdict.FAULT, "it has no p="),
        (f"v=DMARC1; p=block; {REPORTED}", Verdict.FAULT, "p=block is none of"),
        (f"v=DMARC1; p=none; {REPORTED}", Verdict.WARNING, "the policy is none"),
        (f"v=DMARC1; p=reject; pct=20; {REPORTED}", Verdict.WARNING, "20 % of the mail only"),
        ("v=DMARC1; p=reject", Verdict.WARNING, "nobody is sent reports"),
        ("v=DMARC1; p=reject; rua=", Verdict.WARNING, "nobody is sent reports"),
        ("v=DMARC1; p=reject; rua=d@example.com", Verdict.WARNING, "cannot be sent to 'd@"),
        ("v=DMARC1; p=reject; rua=https://example.com", Verdict.WARNING, "cannot be sent to"),
    ],
)
def test_what_a_record_lacks_is_told(record: str, verdict: Verdict, said: str) -> None:
    finding = judged(record)

    assert finding.verdict is verdict
    assert said in finding.text


def test_of_two_records_none_counts() -> None:
    record = f"v=DMARC1; p=reject; {REPORTED}"

    finding = only(judge_dmarc("example.com", names(example_com=[record, record])))

    assert finding.verdict is Verdict.FAULT
    assert "2 DMARC records at _dmarc.example.com" in finding.text


@pytest.mark.parametrize(
    ("record", "said"),
    [
        (f"v=DMARC1; p=reject; {REPORTED}", "the policy of example.com is reject"),
        (f"v=DMARC1; p=none; sp=reject; {REPORTED}", "the policy of example.com is reject"),
    ],
)
def test_a_domain_comes_under_the_policy_above_it(record: str, said: str) -> None:
    finding = only(judge_dmarc("news.eu.example.com", names(example_com=record)))

    assert (finding.verdict, finding.text) == (Verdict.OK, said)


def test_a_policy_of_its_own_comes_before_that_above() -> None:
    written = names(
        example_com=f"v=DMARC1; p=none; {REPORTED}",
        news_example_com=f"v=DMARC1; p=reject; {REPORTED}",
    )

    assert only(judge_dmarc("news.example.com", written)).text == "the policy is reject"


def test_reports_to_another_domain_need_its_consent() -> None:
    record = "v=DMARC1; p=reject; rua=mailto:x@reports.example.net"
    consent = {"example.com._report._dmarc.reports.example.net": ["v=DMARC1"]}

    without = only(judge_dmarc("example.com", names(example_com=record)))
    with_it = judge_dmarc("example.com", Written({**names(example_com=record).by_name, **consent}))

    assert without.verdict is Verdict.WARNING
    assert without.record is not None
    assert without.record.name == "example.com._report._dmarc.reports.example.net"
    assert only(with_it).verdict is Verdict.OK


def test_silence_is_no_verdict() -> None:
    away = Written(away=frozenset(["_dmarc.example.com"]))

    assert only(judge_dmarc("example.com", away)).verdict is Verdict.WARNING


@pytest.mark.parametrize(
    ("alias", "envelope", "record", "is_aligned"),
    [
        ("example.com", "example.com", "v=DMARC1; p=reject; aspf=s", True),
        ("example.com", "mail.example.com", "v=DMARC1; p=reject", True),
        ("example.com", "mail.example.com", "v=DMARC1; p=reject; aspf=s", False),
        ("news.example.com", "mail.example.com", "v=DMARC1; p=reject", True),
        ("example.com", "example.org", "v=DMARC1; p=reject", False),
        ("example.com", "notexample.com", "v=DMARC1; p=reject", False),
    ],
)
def test_an_alias_of_another_domain_cannot_pass_by_spf(
    alias: str, envelope: str, record: str, is_aligned: bool
) -> None:
    found = judge_alignment(alias, envelope, names(example_com=record))

    assert (found == []) is is_aligned


def test_without_a_policy_no_alignment_is_asked_for() -> None:
    assert judge_alignment("example.com", "example.org", names()) == []
