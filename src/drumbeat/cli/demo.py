"""`drumbeat demo`: a server of its own, and two weeks of outreach told over its HTTP API."""

from __future__ import annotations

import signal
import tempfile
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from zoneinfo import ZoneInfo

from drumbeat.app import Engine
from drumbeat.cli import demo_facts
from drumbeat.cli.demo_client import Client
from drumbeat.cli.demo_page import Page
from drumbeat.cli.demo_story import Story
from drumbeat.cli.opening import set_up_log
from drumbeat.cli.web_server import WebServer, listener_at
from drumbeat.services.importing import ImportReport
from drumbeat.settings import Settings

HOST = "127.0.0.1"


def demo(*, port: int, serves_on: bool) -> None:
    """Tell the story, and keep serving what it left until Ctrl-C; then nothing is left of it."""
    for each in (signal.SIGINT, signal.SIGTERM):
        signal.signal(each, signal.default_int_handler)
    page = Page(ZoneInfo(demo_facts.REP_ZONE))
    try:
        with (
            tempfile.TemporaryDirectory(prefix="drumbeat-demo-") as folder,
            running(Path(folder), port) as (engine, server),
        ):
            client, user_id = tell_story(engine, page)
            if serves_on:
                page.invite(client.url, client.token, user_id)
                server.join()
    except KeyboardInterrupt:
        page.say_goodbye()


@contextmanager
def running(folder: Path, port: int) -> Iterator[tuple[Engine, threading.Thread]]:
    """An engine on an empty database in *folder*, served over HTTP by a thread of its own."""
    set_up_log("error", "console")
    with closing(listener_at(HOST, port)) as listener:
        given = {
            "data": folder,
            "port": listener.getsockname()[1],
            "clock": f"movable@{demo_facts.STARTS_AT}",
            "mail": "capture",
        }
        # What the environment says is for servers that are meant.
        with closing(Engine.start(Settings.load(given, {}))) as engine:
            server = WebServer(engine)
            thread = threading.Thread(target=server.run, args=[[listener]], name="web", daemon=True)
            thread.start()
            try:
                # What is asked before it is ready waits at the socket.
                yield engine, thread
            finally:
                server.should_exit = True
                thread.join()


def tell_story(engine: Engine, page: Page) -> tuple[Client, str]:
    """The two weeks; with whom they were told, for whoever wants to go on from there."""
    new = engine.access.create_account(
        email=demo_facts.REP_EMAIL, name=demo_facts.REP_NAME, timezone=demo_facts.REP_ZONE
    )
    client = Client(host=HOST, port=engine.settings.port, token=new.token)
    page.begin(client.url)
    page.say_imported(import_people(engine, new.account_id))
    user_id = str(new.user.id)
    Story(client=client, page=page, user_id=user_id).tell()
    return client, user_id


def import_people(engine: Engine, account_id: int) -> ImportReport:
    """What `drumbeat contacts import` does."""
    with engine.writing():
        lines = demo_facts.PEOPLE.splitlines(keepends=True)
        return engine.importing.import_contacts(account_id, lines)
