"""A sequence as people write it down: read, made into a definition, and written from one."""

from drumbeat.documents.building import ids_given, templates_in, to_definition
from drumbeat.documents.reading import read
from drumbeat.documents.shapes import SequenceDocument
from drumbeat.documents.writing import in_full, in_short

__all__ = [
    "SequenceDocument",
    "ids_given",
    "in_full",
    "in_short",
    "read",
    "templates_in",
    "to_definition",
]
