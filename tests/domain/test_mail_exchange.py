"""MX: whether a reply arrives."""

from __future__ import annotations

from drumbeat.domain.findings import Verdict
from drumbeat.domain.mail_exchange import judge_mx
from drumbeat.domain.name_records import MailExchange
from tests.domain.written_records import Written

ONE, OTHER = MailExchange(10, "one.example.com"), MailExchange(20, "other.example.com")


def names(*exchanges: MailExchange, addresses: str = "") -> Written:
    return Written(mail={"example.com": list(exchanges)}, addresses=frozenset(addresses.split()))


def test_hosts_that_can_be_reached_are_as_it_should_be() -> None:
    finding = judge_mx(
        "example.com", names(ONE, OTHER, addresses="one.example.com other.example.com")
    )

    assert (finding.verdict, finding.text) == (
        Verdict.OK,
        "replies go to one.example.com and 1 more",
    )


def test_without_a_record_and_without_a_host_a_reply_has_nowhere_to_go() -> None:
    finding = judge_mx("example.com", names())

    assert finding.verdict is Verdict.FAULT
    assert finding.record is not None
    assert (finding.record.type, finding.record.name) == ("MX", "example.com")


def test_without_a_record_the_host_itself_is_tried() -> None:
    assert judge_mx("example.com", names(addresses="example.com")).verdict is Verdict.WARNING


def test_a_domain_that_takes_no_mail_says_so() -> None:
    finding = judge_mx("example.com", names(MailExchange(0, "")))

    assert finding.verdict is Verdict.FAULT
    assert "RFC 7505" in finding.text


def test_a_host_without_an_address_is_named() -> None:
    finding = judge_mx("example.com", names(ONE, OTHER, addresses="other.example.com"))

    assert finding.verdict is Verdict.WARNING
    assert finding.text == "one.example.com has no address; replies go to the others"


def test_where_no_host_has_an_address_no_reply_arrives() -> None:
    assert judge_mx("example.com", names(ONE, OTHER)).verdict is Verdict.FAULT


def test_silence_is_no_verdict() -> None:
    away = Written(away=frozenset(["example.com"]))

    assert judge_mx("example.com", away).verdict is Verdict.WARNING
