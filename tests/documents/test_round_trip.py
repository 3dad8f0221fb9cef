"""A definition that is written down and read again is the same one."""

from __future__ import annotations

import json

from hypothesis import given

from drumbeat import documents
from drumbeat.documents.writing import Plain
from drumbeat.domain.sequence import Definition
from tests.documents.definitions import sound_definitions


def definition_in(written: Plain) -> Definition:
    document = documents.read(json.loads(json.dumps(written)))
    return documents.to_definition(document, documents.ids_given(document))


@given(sound_definitions())
def test_nothing_is_lost_in_short(definition: Definition) -> None:
    written = documents.in_short("Outreach", None, definition, str)

    assert definition_in(written) == definition


@given(sound_definitions())
def test_nothing_is_lost_in_full(definition: Definition) -> None:
    written = documents.in_full("Outreach", 12, definition, str)

    assert definition_in(written) == definition


@given(sound_definitions())
def test_what_is_written_again_is_written_alike(definition: Definition) -> None:
    written = documents.in_short("Outreach", None, definition, str)

    again = documents.in_short("Outreach", None, definition_in(written), str)

    assert json.dumps(again) == json.dumps(written)
