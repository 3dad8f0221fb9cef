"""`drumbeat inbox …`: mailboxes, from the command line."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.cli.programs import Home

SMTP = "smtp://ada%40example.com:s3cret@mail.example.com:587"


def listed(home: Home) -> Any:
    [inbox] = json.loads(home.run("inbox", "list", "--json").out)["results"]
    return inbox


def test_a_connected_inbox_is_listed_with_its_pace(home: Home) -> None:
    home.init()

    done = home.run(
        *("inbox", "connect", "--user", "ada@example.com", "--smtp", SMTP),
        *("--alias", "sales@example.com", "--daily-cap", "40", "--gap", "1.5"),
    )

    assert "mail.example.com:587" in done.out
    inbox = listed(home)
    assert (inbox["email"], inbox["connected"]) == ("ada@example.com", True)
    assert (inbox["dailyCap"], inbox["gapSeconds"]) == (40, 1.5)
    assert inbox["aliases"] == ["sales@example.com"]


def test_the_address_of_the_server_may_stand_in_a_file(home: Home) -> None:
    home.init()
    file = home.written("smtp", f"{SMTP}\n")

    done = home.run("inbox", "connect", "--user", "ada@example.com", "--smtp-file", file)

    assert done.status == 0
    assert listed(home)["connected"]


@pytest.mark.parametrize(
    "url",
    [
        "smtp://ada:s3cret@mail.example.com:587/inbox",
        "smtp://ada:s3cret@mail.example.com:port",
        "imap://ada:s3cret@mail.example.com",
        "smtp://ada:s3cret#more@mail.example.com",
        "ada:s3cret",
    ],
)
def test_a_wrong_address_is_refused_without_showing_the_password(home: Home, url: str) -> None:
    done = home.run("inbox", "connect", "--user", "ada@example.com", "--smtp", url)

    [fault] = done.faults
    assert "smtp[s]://user:password@host:port" in fault
    assert "s3cret" not in done.out + done.err
    assert done.status == 1


def test_the_address_is_given_once(home: Home) -> None:
    neither = home.run("inbox", "connect", "--user", "ada@example.com")

    assert neither.status == 2
    assert "--smtp-file" in neither.err


def test_a_change_leaves_what_is_not_given(home: Home) -> None:
    home.init()
    home.run("inbox", "connect", "--user", "ada@example.com", "--smtp", SMTP, "--gap", "9")

    done = home.run("inbox", "change", "ada@example.com", "--daily-cap", "7")

    assert done.out == "ada@example.com: At most 7 e-mails in 24 hours, 9 s apart.\n"


def test_a_disconnected_inbox_stays_in_the_list(home: Home) -> None:
    home.init()
    home.run("inbox", "connect", "--user", "ada@example.com", "--smtp", SMTP)

    done = home.run("inbox", "disconnect", "ada@example.com")

    assert done.status == 0
    assert listed(home)["connected"] is False


def test_of_several_accounts_one_has_to_be_named(home: Home) -> None:
    home.init()
    home.init("bob@example.com", "--new-account")

    unsaid = home.run("inbox", "list")
    said = home.run("inbox", "list", "--account", "2")

    assert unsaid.faults == [
        "drumbeat: there are several accounts (1, 2); say which one with --account"
    ]
    assert (said.status, home.run("inbox", "list", "--account", "3").status) == (0, 1)
