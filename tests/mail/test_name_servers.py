"""What is asked of name servers, and what comes back when they are not well."""

from __future__ import annotations

import socket

import pytest

from drumbeat.domain.name_records import MailExchange, Unanswered
from drumbeat.errors import Invalid
from drumbeat.mail.name_servers import NameServers
from tests.mail.conftest import PATIENCE
from tests.mail.name_server import SILENCE, NameServer, Zone, name_server

ZONE: Zone = {
    "example.com": {
        "TXT": ["v=spf1 -all", "x" * 600],
        "MX": ["20 backup.example.com.", "10 mail.example.com."],
        "AAAA": ["2001:db8::1"],
    },
    "alias.example.com": {"CNAME": ["example.com"]},
    "many.example.com": {"TXT": [f"token {number:04} " + "y" * 200 for number in range(30)]},
    "nowhere.example": {"MX": ["0 ."]},
    "broken.example": "SERVFAIL",
    "secret.example": "REFUSED",
    "silent.example": SILENCE,
}


def asking(server: NameServer, patience: float = 10) -> NameServers:
    return NameServers(at=server.place, patience=patience)


def test_texts_come_in_one_piece_however_they_were_cut() -> None:
    with name_server(ZONE) as server:
        texts = asking(server).texts("example.com")

    assert texts == ["v=spf1 -all", "x" * 600]


def test_an_alias_is_followed() -> None:
    with name_server(ZONE) as server:
        assert asking(server).texts("alias.example.com")[0] == "v=spf1 -all"


def test_what_does_not_fit_into_a_datagram_is_fetched_otherwise() -> None:
    with name_server(ZONE) as server:
        assert len(asking(server).texts("many.example.com")) == 30


def test_exchanges_come_preferred_first() -> None:
    with name_server(ZONE) as server:
        exchanges = asking(server).exchanges("example.com")

    assert exchanges == [
        MailExchange(10, "mail.example.com"),
        MailExchange(20, "backup.example.com"),
    ]


def test_an_exchange_that_is_none_has_no_name() -> None:
    with name_server(ZONE) as server:
        assert asking(server).exchanges("nowhere.example") == [MailExchange(0, "")]


def test_an_address_of_either_kind_will_do() -> None:
    with name_server(ZONE) as server:
        names = asking(server)

        assert names.has_address("example.com")
        assert not names.has_address("nowhere.example")


def test_a_name_that_is_not_there_has_no_records() -> None:
    with name_server(ZONE) as server:
        names = asking(server)

        assert names.texts("missing.example.com") == []
        assert names.exchanges("missing.example.com") == []


def test_a_name_with_something_below_it_exists() -> None:
    with name_server({"s1._domainkey.example.com": {"TXT": ["p="]}}) as server:
        names = asking(server)

        assert names.exists("_domainkey.example.com")
        assert not names.exists("_domainkey.example.org")


def test_nothing_is_asked_for_twice() -> None:
    with name_server(ZONE) as server:
        names = asking(server)
        for _ in range(3):
            names.texts("example.com")
            names.texts("missing.example.com")

    # What did not fit into a datagram is asked for over TCP, which is not twice.
    assert sorted(set(server.asked)) == [("example.com", "TXT"), ("missing.example.com", "TXT")]
    assert len(server.asked) == 3


@pytest.mark.parametrize("name", ["broken.example", "secret.example"])
def test_name_servers_that_fail_are_quoted(name: str) -> None:
    with name_server(ZONE) as server, pytest.raises(Unanswered) as raised:
        asking(server).texts(name)

    assert raised.value.why == f"its name servers fail ({ZONE[name]})"


def test_silence_is_waited_out_and_told() -> None:
    with name_server(ZONE) as server, pytest.raises(Unanswered, match=r"gave none within 0\.2 s"):
        asking(server, PATIENCE).texts("silent.example")


@pytest.mark.parametrize("name", ["x" * 64 + ".example", "a..example", "."])
def test_what_cannot_be_a_name_is_no_fault_of_ours(name: str) -> None:
    with name_server(ZONE) as server:
        names = asking(server)
        try:
            found = names.texts(name)
        except Unanswered:
            found = []

    assert found == []


@pytest.mark.parametrize("answer", [{}, "REFUSED", "SERVFAIL", "NXDOMAIN"])
def test_any_answer_shows_that_somebody_is_there(answer: dict[str, list[str]] | str) -> None:
    with name_server({"": answer}) as server:
        assert asking(server).why_unreachable() is None


def test_a_silent_name_server_is_not_there() -> None:
    with name_server({"": SILENCE}) as server:
        why = asking(server, PATIENCE).why_unreachable()

    assert why == "127.0.0.1 gave none within 0.2 s"


def test_a_port_where_nobody_listens_is_not_there_either() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]

    assert NameServers(at=f"127.0.0.1:{port}", patience=PATIENCE).why_unreachable()


@pytest.mark.parametrize("place", ["9.9.9.9", "[::1]:5353", "[::1]", "::1", " 127.0.0.1:53 "])
def test_a_name_server_is_given_by_its_address(place: str) -> None:
    NameServers(at=place, patience=1)


@pytest.mark.parametrize(
    "place", ["", "dns.google", "9.9.9.9:0", "9.9.9.9:70000", "[::1", "1.2.3", "9.9.9.9:dns"]
)
def test_what_is_no_address_is_refused(place: str) -> None:
    with pytest.raises(Invalid, match="is no name server; write"):
        NameServers(at=place, patience=1)
