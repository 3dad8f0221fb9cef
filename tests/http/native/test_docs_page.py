from __future__ import annotations

from html.parser import HTMLParser

from starlette.testclient import TestClient


def test_the_page_shows_every_operation_that_the_description_has(api: TestClient) -> None:
    described = api.get("openapi.json").json()["paths"]
    page = Reading(api)

    assert page.operations == {
        f"{method.upper()} {path}"
        for path, operations in described.items()
        for method in operations
    }


def test_every_link_on_the_page_leads_somewhere(api: TestClient) -> None:
    page = Reading(api)

    assert {link for link in page.links if link.removeprefix("#") not in page.ids} == {
        "openapi.json"
    }
    assert len(page.ids) == len(set(page.ids))


def test_the_page_needs_no_token_and_nothing_from_elsewhere(api: TestClient) -> None:
    del api.headers["Authorization"]

    answer = api.get("docs")

    assert answer.status_code == 200
    assert answer.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "<script" not in answer.text
    assert Reading(api).outside == []


def test_the_page_says_what_a_field_is_and_how_to_ask_for_it(api: TestClient) -> None:
    text = api.get("docs").text

    assert "one of EXECUTING, PAUSED, FINISHED, UNENROLLED" in text
    assert "curl -X POST &#39;http://testserver/drumbeat/v1/clock&#39;" in text
    assert "{&#34;advance&#34;: &#34;P3D&#34;}" in text
    assert "ValidationError" not in text


def test_a_host_that_a_client_made_up_breaks_nothing(api: TestClient) -> None:
    answer = api.get("docs", headers={"Host": "[<b>:x"})

    assert answer.status_code == 200
    assert "<b>" not in answer.text


class Reading(HTMLParser):
    """The page as a reader's program takes it in."""

    def __init__(self, api: TestClient) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.links: set[str] = set()
        self.outside: list[str] = []
        self.operations: set[str] = set()
        self.heading: str | None = None
        self.feed(api.get("docs").text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        self.ids += [given["id"] or ""] if "id" in given else []
        if tag == "a":
            self.links.add(given["href"] or "")
        if "src" in given or tag == "link":
            self.outside.append(tag)
        if tag == "h4":
            self.heading = ""

    def handle_data(self, data: str) -> None:
        if self.heading is not None:
            self.heading += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "h4" and self.heading is not None:
            self.operations.add(" ".join(self.heading.split()))
            self.heading = None
