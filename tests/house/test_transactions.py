"""Who may write: the services, and nobody above them."""

from __future__ import annotations

import ast

from tests.house.sources import find


def test_no_door_opens_a_transaction_of_its_own() -> None:
    attributes = find(ast.Attribute, within=("http/", "worker/", "cli/"))

    strays = [place for place, attribute in attributes if attribute.attr == "transaction"]
    assert not strays, "\n".join(strays)
