"""A sequence as people write it down: read, made into a definition, and written from one.

    document = documents.read(data)
    definition = documents.to_definition(document, documents.ids_given(document))

is how JSON comes in, where templates are named by their ids; with files the caller hands over
which id each of `templates_in(document)` stands for. A route may take a SequenceDocument in its
body and needs only the second line, with ``at="sequence"`` for the places of faults.
"""

from drumbeat.documents.building import ids_given, templates_in, to_definition
from drumbeat.documents.differences import Change, ChangeKind, alike, differences
from drumbeat.documents.reading import read
from drumbeat.documents.shapes import SequenceDocument
from drumbeat.documents.writing import in_full, in_short

__all__ = [
    "Change",
    "ChangeKind",
    "SequenceDocument",
    "alike",
    "differences",
    "ids_given",
    "in_full",
    "in_short",
    "read",
    "templates_in",
    "to_definition",
]
