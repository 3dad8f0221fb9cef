"""SPF records, good ones, and those that look good."""

from __future__ import annotations

import pytest

from drumbeat.domain.findings import Finding, Verdict
from drumbeat.domain.mailbox_providers import spf_for
from drumbeat.domain.spf import judge_spf
from tests.domain.written_records import Written

EXAMPLE = "v=spf1 mx ~all"
NETS = {f"net{number}.example": ["v=spf1 a mx ~all"] for number in range(6)}

LAST = {"d20.example": ["v=spf1 a ~all"]}


def judged(*records: str, away: str = "", **others: str) -> list[Finding]:
    """The findings on example.com with these records, and on others written other_example."""
    elsewhere = {name.replace("_", "."): [record] for name, record in others.items()}
    names = Written({"example.com": list(records), **elsewhere, **NETS}, away=frozenset([away]))
    return judge_spf("example.com", names, example=EXAMPLE)


def only(found: list[Finding]) -> Finding:
    [finding] = found
    return finding


@pytest.mark.parametrize(
    ("record", "text"),
    [
        ("v=spf1 ip4:192.0.2.0/24 ip6:2001:db8::/32 ~all", "0 of 10 lookups, ends in ~all"),
        ("v=spf1 a mx -all", "2 of 10 lookups, ends in -all"),
        ("V=SPF1 A:mail.example.com MX/24 -ALL", "2 of 10 lookups, ends in -all"),
        ("v=spf1 a:mail.example.com/24//64 -all", "1 of 10 lookups, ends in -all"),
        ("v=spf1  +mx   ~all ", "1 of 10 lookups, ends in ~all"),
        ("v=spf1 exists:%{i}._spf.%{d} include:%{l}.example -all", "2 of 10 lookups"),
        ("v=spf1 ip4:192.0.2.1 exp=why.example.com unknown=yes -all", "0 of 10 lookups"),
        ("v=spf1 include:spf.example ~all", "5 of 10 lookups, ends in ~all"),
        ("v=spf1 redirect=spf.example", "5 of 10 lookups, ends in -all"),
        ("v=spf1 -all include:never.reached.example", "0 of 10 lookups, ends in -all"),
        ("v=spf1 ip4:192.0.2.1 redirect=not.read.example ~all", "0 of 10 lookups"),
        ("v=spf1 include:NET0.Example. ~all", "3 of 10 lookups, ends in ~all"),
    ],
)
def test_a_record_that_works_says_how_much_room_is_left(record: str, text: str) -> None:
    finding = only(judged(record, spf_example="v=spf1 a include:net1.example -all"))

    assert finding.verdict is Verdict.OK, finding
    assert text in finding.text


@pytest.mark.parametrize(
    "record", ["v=spf10 -all", "v=spf1-all", "spf1 -all", "v=spf2.0/pra -all", "v=DMARC1; p=none"]
)
def test_what_is_not_spf_is_no_record(record: str) -> None:
    finding = only(judged(record))

    assert finding.verdict is Verdict.FAULT
    assert "there is no SPF record" in finding.text
    assert finding.record is not None
    assert (finding.record.name, finding.record.value) == ("example.com", EXAMPLE)


def test_of_two_records_none_counts_and_they_are_put_into_one() -> None:
    finding = only(judged("v=spf1 mx include:a.example ~all", "v=spf1 mx redirect=b.example"))

    assert finding.verdict is Verdict.FAULT
    assert "2 SPF records" in finding.text
    assert finding.record is not None
    assert finding.record.value == "v=spf1 mx include:a.example include:b.example ~all"


@pytest.mark.parametrize(
    ("record", "verdict", "better"),
    [
        ("v=spf1 mx +all", Verdict.FAULT, "v=spf1 mx ~all"),
        ("v=spf1 mx all", Verdict.FAULT, "v=spf1 mx ~all"),
        ("v=spf1 mx ?all", Verdict.WARNING, "v=spf1 mx ~all"),
        ("v=spf1 mx", Verdict.WARNING, "v=spf1 mx ~all"),
        ("v=spf1", Verdict.WARNING, "v=spf1 ~all"),
    ],
)
def test_an_end_that_lets_others_in_is_shown_with_a_better_one(
    record: str, verdict: Verdict, better: str
) -> None:
    finding = only(judged(record))

    assert finding.verdict is verdict
    assert finding.record is not None
    assert finding.record.value == better


@pytest.mark.parametrize(
    ("record", "named"),
    [
        ("v=spf1 ip4:192.0.2.256 -all", "'ip4:192.0.2.256'"),
        ("v=spf1 ip4:2001:db8::1 -all", "'ip4:2001:db8::1'"),
        ("v=spf1 ip4 -all", "'ip4'"),
        ("v=spf1 include -all", "'include'"),
        ("v=spf1 include: _spf.example.com -all", "'include:'"),
        ("v=spf1 include:https://example.com -all", "'include:https://example.com'"),
        ("v=spf1 a:mail.example.com/240000 -all", "'a:mail.example.com/240000'"),
        ("v=spf1 mx, -all", "'mx,'"),
        ("v=spf1 192.0.2.1 -all", "'192.0.2.1'"),
        ("v=spf1 -all:now", "'-all:now'"),
        ("v=spf1 redirect=", "'redirect='"),
        ("v=spf1 include=_spf.example.com -all", "write include:_spf.example.com"),
        ("v=spf1 \u2013all", "'\u2013all'"),
    ],
)
def test_a_term_that_is_none_is_named(record: str, named: str) -> None:
    finding = only(judged(record))

    assert finding.verdict is Verdict.FAULT
    assert named in f"{finding.text}; {finding.remedy}"


def test_a_record_that_includes_itself_is_not_followed_for_ever() -> None:
    finding = only(
        judged(
            "v=spf1 include:a.example ~all",
            a_example="v=spf1 include:b.example ~all",
            b_example="v=spf1 redirect=a.example",
        )
    )

    assert finding.verdict is Verdict.FAULT
    assert "includes itself (a.example → b.example → a.example)" in finding.text


def test_the_same_include_twice_is_no_loop() -> None:
    finding = only(judged("v=spf1 include:net1.example include:net1.example ~all"))

    assert "6 of 10 lookups" in finding.text


def test_more_lookups_than_receivers_make_are_counted_through_all_includes() -> None:
    includes = " ".join(f"include:net{number}.example" for number in range(4))

    finding = only(judged(f"v=spf1 {includes} ~all"))

    assert finding.verdict is Verdict.FAULT
    assert "needs 12 lookups, and receivers stop at 10" in finding.text


def test_ten_lookups_are_not_too_many() -> None:
    finding = only(judged("v=spf1 include:net1.example include:net2.example a a a mx ~all"))

    assert finding.verdict is Verdict.OK
    assert "10 of 10 lookups" in finding.text


def test_a_record_that_grows_without_end_is_given_up() -> None:
    twice = {f"d{n}.example": f"include:d{n + 1}.example " * 2 for n in range(20)}
    names = Written({name: [f"v=spf1 {terms}~all"] for name, terms in twice.items()} | LAST)

    finding = only(judge_spf("d0.example", names, example=EXAMPLE))

    assert finding.verdict is Verdict.FAULT
    assert "40 lookups or more" in finding.text


def test_both_what_is_too_much_and_how_it_ends_are_told() -> None:
    includes = " ".join(f"include:net{number}.example" for number in range(4))

    assert [each.verdict for each in judged(f"v=spf1 {includes} ?all")] == [
        Verdict.FAULT,
        Verdict.WARNING,
    ]


def test_an_include_of_nothing_breaks_the_whole_record() -> None:
    finding = only(judged("v=spf1 include:gone.example ~all"))

    assert finding.verdict is Verdict.FAULT
    assert "example.com includes gone.example, which has no SPF record" in finding.text


def test_an_include_that_nobody_answers_for_is_no_verdict_on_the_record() -> None:
    finding = only(judged("v=spf1 include:slow.example ~all", away="slow.example"))

    assert finding.verdict is Verdict.WARNING
    assert "no answer about slow.example: silence" in finding.text


@pytest.mark.parametrize(
    ("hosts", "record"),
    [
        (["smtp.gmail.com"], "v=spf1 include:_spf.google.com ~all"),
        (
            ["smtp.office365.com", "mail.example.com"],
            "v=spf1 a:mail.example.com include:spf.protection.outlook.com ~all",
        ),
        (["192.0.2.7"], "v=spf1 ip4:192.0.2.7 ~all"),
        (["notgmail.com"], "v=spf1 a:notgmail.com ~all"),
        (["localhost"], "v=spf1 mx ~all"),
        ([], "v=spf1 mx ~all"),
    ],
)
def test_the_example_suits_the_servers_that_mail_leaves_by(hosts: list[str], record: str) -> None:
    assert spf_for(hosts) == record
