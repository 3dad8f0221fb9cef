"""The pages that anyone may open."""

from __future__ import annotations

import re
from contextlib import AbstractContextManager, closing
from dataclasses import replace

import pytest
from starlette.testclient import TestClient

import drumbeat
from drumbeat.http.app import create_app
from drumbeat.store.database import Database
from tests.memory_outbox import AWAY
from tests.world import World

ONE_CLICK = {"List-Unsubscribe": "One-Click"}


@pytest.fixture
def visitor(world: World) -> TestClient:
    return TestClient(create_app(world.engine), follow_redirects=False)


@pytest.fixture
def link(world: World) -> str:
    """The way to the unsubscribe page, as the e-mail of an enrollment shows it."""
    world.enroll(world.sequence(world.email(), world.email(3)))
    url = world.outbox.sent[0].unsubscribe_url or ""
    return "/unsubscribe/" + url.rpartition("/")[2]


def test_opening_the_link_shows_a_button_and_changes_nothing(
    world: World, visitor: TestClient, link: str
) -> None:
    answers = [visitor.get(link), visitor.head(link), visitor.get(f"{link}/")]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert "ada@example.org" in answers[0].text
    assert answers[0].text.count("<button") == 1
    assert world.standing(1).state == "EXECUTING"


def test_pressing_the_button_unsubscribes_and_says_so(
    world: World, visitor: TestClient, link: str
) -> None:
    answer = visitor.post(link, data={})

    assert answer.status_code == 200
    assert "You are unsubscribed" in answer.text
    enrollment = world.standing(1)
    assert (enrollment.state, enrollment.reason) == ("UNENROLLED", "UNSUBSCRIBED")


def test_a_mail_program_unsubscribes_with_one_click(
    world: World, visitor: TestClient, link: str
) -> None:
    answer = visitor.post(link, data=ONE_CLICK)

    assert (answer.status_code, list(answer.cookies)) == (200, [])
    assert world.standing(1).reason == "UNSUBSCRIBED"


def test_one_click_may_also_come_as_multipart(world: World, visitor: TestClient, link: str) -> None:
    answer = visitor.post(link, files={name: (None, value) for name, value in ONE_CLICK.items()})

    assert answer.status_code == 200
    assert world.standing(1).reason == "UNSUBSCRIBED"


def test_unsubscribing_twice_is_as_good_as_once(visitor: TestClient, link: str) -> None:
    answers = [visitor.post(link, data=ONE_CLICK) for _ in range(2)]

    assert answers[0].text == answers[1].text


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("token", ["nonsense", "%00", "%FF", "a" * 5000, "<script>"])
def test_a_link_that_is_not_ours_is_answered_in_plain_words(
    visitor: TestClient, method: str, token: str
) -> None:
    answer = visitor.request(method, f"/unsubscribe/{token}")

    assert answer.status_code in (400, 404)
    assert "<script" not in answer.text


def test_a_link_that_lost_its_end_is_not_found(
    world: World, visitor: TestClient, link: str
) -> None:
    answer = visitor.post(link[:-3])

    assert answer.status_code == 404
    assert "This link does not work" in answer.text
    assert world.standing(1).state == "EXECUTING"


def test_the_page_sets_no_cookie_and_loads_nothing(visitor: TestClient, link: str) -> None:
    answer = visitor.get(link)

    assert "set-cookie" not in answer.headers
    assert answer.headers["X-Robots-Tag"] == "noindex"
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    assert re.findall(r"(?:src|href|action)=|<script|url\(", answer.text) == []


def test_an_address_cannot_bring_its_own_markup(world: World, visitor: TestClient) -> None:
    url = world.engine.suppressing.link(world.account_id, 1, "<b>x</b>@example.org")

    answer = visitor.get("/unsubscribe/" + url.rpartition("/")[2])

    assert "<b>x</b>" not in answer.text


def test_health_needs_no_token_and_says_what_time_it_is(visitor: TestClient) -> None:
    answer = visitor.get("/health")

    assert answer.status_code == 200
    assert answer.json() == {
        "status": "ok",
        "database": True,
        "clock": {"now": "2026-03-02T15:00:00.000Z", "movable": True},
        "version": drumbeat.__version__,
        "faults": [],
    }


def test_a_mail_server_that_is_away_makes_us_degraded_and_not_down(
    world: World, visitor: TestClient
) -> None:
    world.outbox.answers += [AWAY]
    world.enroll(world.sequence(world.email()))

    answer = visitor.get("/health")

    assert (answer.status_code, answer.json()["status"]) == (200, "degraded")
    assert answer.json()["faults"]


def test_without_its_database_the_server_says_so(world: World, visitor: TestClient) -> None:
    with unreachable() as database:
        world.engine.database, own = database, world.engine.database
        answer = visitor.get("/health")
        world.engine.database = own

    assert answer.status_code == 503
    assert (answer.json()["status"], answer.json()["database"]) == ("unavailable", False)


def test_without_its_database_nobody_is_told_to_be_unsubscribed(
    world: World, visitor: TestClient, link: str
) -> None:
    with unreachable() as database:
        world.engine.suppressing = replace(world.engine.suppressing, database=database)
        answer = visitor.post(link, data=ONE_CLICK)

    assert answer.status_code == 503
    assert "you are not unsubscribed yet" in answer.text


def unreachable() -> AbstractContextManager[Database]:
    return closing(Database("postgresql://drumbeat@127.0.0.1:1/drumbeat"))
