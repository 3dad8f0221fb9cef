"""HubSpot's own descriptions of its API, and what they say of an answer or a request.

An answer is held to more than JSON Schema asks for: a field that HubSpot does not name is a
fault, since strict clients stumble over it.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any, TypeAlias

from jsonschema import Draft202012Validator, FormatChecker

Json: TypeAlias = dict[str, Any]
Place: TypeAlias = tuple[str | int, ...]

# Where the live API differs from its own description, and we follow the live one.
NULL_PROPERTIES = {"SimplePublicObject", "SimplePublicObjectWithAssociations"}


@cache
def description(file: Path) -> Json:
    """The description, strict about unknown fields in what is answered."""
    found: Json = json.loads(file.read_text())
    for name, schema in found["components"]["schemas"].items():
        if "properties" in schema and name != "Error":
            schema["additionalProperties"] = False
        if name in NULL_PROPERTIES:
            schema["properties"]["properties"]["additionalProperties"]["type"] = ["string", "null"]
    return found


def complaints(file: Path, schema: Json, answer: object) -> list[str]:
    """What the description finds wrong with an answer."""
    wanted = {**schema, "components": description(file)["components"]}
    validator = Draft202012Validator(wanted, format_checker=FormatChecker())
    return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(answer)]


def answer_schema(file: Path, method: str, path: str, status: int) -> Json:
    return schema_of(description(file), method, path, status)


def schema_of(found: Json, method: str, path: str, status: int) -> Json:
    operation = found["paths"][path][method.lower()]
    content: Json = operation["responses"][str(status)].get("content", {})
    schema: Json = content.get("application/json", {}).get("schema", {})
    return schema


def choices(found: Json, schema: Json) -> dict[str, set[str]]:
    """The values that each field of an answer may have, at any depth, where they are listed."""
    return {name: set(values) for name, values in listed_choices(found, schema)}


def listed_choices(found: Json, schema: Json) -> Iterator[tuple[str, list[str]]]:
    for name, field in resolved(found, schema).get("properties", {}).items():
        inner = resolved(found, field)
        if "enum" in inner:
            yield name, inner["enum"]
        yield from listed_choices(found, inner)
        yield from listed_choices(found, inner.get("items", {}))


def resolved(found: Json, schema: Json) -> Json:
    """The schema itself, where only its name is given, or where it is one of those and null."""
    for each in schema.get("anyOf", ()):
        if each.get("type") != "null":
            return resolved(found, each)
    if "$ref" not in schema:
        return schema
    named: Json = found["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return named


def required_places(file: Path, name: str, body: Json) -> Iterator[Place]:
    """Where a field stands in *body* that the schema *name* requires, at every depth."""
    schemas = description(file)["components"]["schemas"]
    return places_in(schemas, schemas[name], body, ())


def places_in(schemas: Json, schema: Json, value: object, at: Place) -> Iterator[Place]:
    schema = schemas[schema["$ref"].rpartition("/")[2]] if "$ref" in schema else schema
    if isinstance(value, list):
        for position, item in enumerate(value):
            yield from places_in(schemas, schema["items"], item, (*at, position))
    elif isinstance(value, dict):
        yield from ((*at, name) for name in schema.get("required", ()))
        for name, inner in value.items():
            yield from places_in(schemas, schema["properties"].get(name, {}), inner, (*at, name))


def written(place: Place) -> str:
    text = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in place)
    return text.removeprefix(".")
