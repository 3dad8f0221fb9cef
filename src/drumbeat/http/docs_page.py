"""``/drumbeat/v1/docs``: the API's own description, as a page to read.

It is made from the same OpenAPI document that is served beside it, so that the two cannot
disagree.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, TypeAlias

from fastapi import APIRouter, Request, Response

from drumbeat.http.pages import page

Json: TypeAlias = Mapping[str, Any]

METHODS = ("get", "post", "put", "patch", "delete")
OURS = ("/drumbeat/", "/health")
# Deep enough for a sequence's steps and their patterns, and an end for a shape in a circle.
DEEPEST = 4
EXAMPLES = {"integer": 0, "number": 0, "boolean": False, "array": [], "object": {}}
BRACES = str.maketrans("", "", "{}")
FASTAPIS_OWN_WORDS = "Successful Response"

router = APIRouter(include_in_schema=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One parameter or one field of a body; *depth* is how far inside others it stands."""

    name: str
    type: str
    is_required: bool
    meaning: str = ""
    depth: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: str
    meaning: str
    fields: list[Field]


@dataclass(frozen=True, slots=True, kw_only=True)
class Operation:
    anchor: str
    method: str
    path: str
    title: str
    meaning: str
    parameters: list[Field]
    body: list[Field]
    answers: list[Answer]
    curl: str


Groups: TypeAlias = dict[str, list[Operation]]


@router.get("/drumbeat/v1/docs")
def docs(request: Request) -> Response:
    description = request.app.openapi()
    # Not request.base_url: parsing a Host header that a client made up can fail.
    here = f"{request.scope['scheme']}://{request.headers.get('host', 'localhost')}"
    parts = operations_by_part(description, here)
    return page("docs", about=description["info"], parts=parts, here=here)


def operations_by_part(description: Json, here: str) -> dict[str, Groups]:
    """Every operation under whose API it is, and there under its first tag."""
    reader = Reader(description, here)
    parts: dict[str, Groups] = {"Our own API": {}, "HubSpot's API": {}}
    for path, item in description["paths"].items():
        for method in METHODS:
            if method in item:
                part = parts["Our own API" if path.startswith(OURS) else "HubSpot's API"]
                tag = item[method].get("tags", ["Other"])[0]
                part.setdefault(tag, []).append(reader.operation(method, path, item[method]))
    return {name: groups for name, groups in parts.items() if groups}


class Reader:
    """Makes plain rows of an OpenAPI document's operations and schemas."""

    def __init__(self, description: Json, here: str) -> None:
        self.schemas: Json = description.get("components", {}).get("schemas", {})
        self.here = here

    def operation(self, method: str, path: str, operation: Json) -> Operation:
        body = self.resolved(content_schema(operation.get("requestBody", {})))
        parameters = operation.get("parameters", ())
        url = self.here + path + query_of(parameters)
        return Operation(
            anchor=f"{method}{path}".replace("/", "-").translate(BRACES),
            method=method.upper(),
            path=path,
            title=operation.get("summary", ""),
            meaning=operation.get("description", ""),
            parameters=[self.parameter(each) for each in parameters],
            body=list(self.fields(body)),
            answers=list(self.answers(operation.get("responses", {}))),
            curl=curl(method, url, self.example(body), is_open="security" not in operation),
        )

    def parameter(self, parameter: Json) -> Field:
        schema = parameter.get("schema", {})
        default = schema.get("default")
        meaning = parameter.get("description", "")
        return Field(
            name=parameter["name"],
            # In an address there is no way to write null.
            type=self.type_of(schema).removesuffix(" or null"),
            is_required=parameter.get("required", False),
            meaning=meaning if default is None else f"{meaning} Default {default}.".strip(),
        )

    def answers(self, responses: Json) -> Iterator[Answer]:
        for status, response in responses.items():
            # FastAPI adds one to whatever has a parameter; ours are 400 in the envelope.
            if status == "422":
                continue
            fields = list(self.fields(content_schema(response)))
            meaning = response.get("description", "").replace(FASTAPIS_OWN_WORDS, "The answer")
            shown = "error" if status == "default" else status
            yield Answer(status=shown, meaning=meaning, fields=fields)

    def fields(self, schema: Json, depth: int = 0) -> Iterator[Field]:
        """The rows of an object, each followed by the rows of what stands inside it."""
        found = self.resolved(schema)
        required = found.get("required", ())
        for name, inner in found.get("properties", {}).items():
            yield Field(
                name=name,
                type=self.type_of(inner),
                is_required=name in required,
                meaning=inner.get("description", ""),
                depth=depth,
            )
            if depth < DEEPEST:
                yield from self.fields(inner, depth + 1)

    def example(self, schema: Json, depth: int = 0) -> Any:
        """Something that has the form of *schema*: what must be given, and no more."""
        found = self.resolved(schema)
        if "examples" in found:
            return found["examples"][0]
        if "enum" in found:
            return found["enum"][0]
        if depth > DEEPEST or "properties" not in found:
            return EXAMPLES.get(found.get("type", ""), "…")
        return {
            name: self.example(found["properties"][name], depth + 1)
            for name in found.get("required", ())
        }

    def resolved(self, schema: Json) -> Json:
        """The object behind references, lists and "or null"; the schema itself otherwise."""
        if "$ref" in schema:
            return self.resolved(self.schemas[schema["$ref"].rpartition("/")[2]])
        if "items" in schema:
            return self.resolved(schema["items"])
        for choice in schema.get("anyOf", schema.get("oneOf", ())):
            if choice.get("type") != "null":
                return self.resolved(choice)
        return schema

    def type_of(self, schema: Json) -> str:
        """What may stand there, in words."""
        if "$ref" in schema:
            return self.type_of(self.schemas[schema["$ref"].rpartition("/")[2]])
        if choices := schema.get("anyOf", schema.get("oneOf")):
            return " or ".join(dict.fromkeys(self.type_of(choice) for choice in choices))
        if "enum" in schema:
            return "one of " + ", ".join(map(str, schema["enum"]))
        if "const" in schema:
            return str(schema["const"])
        if schema.get("type") == "array":
            return f"list of {self.type_of(schema.get('items', {}))}"
        if schema.get("format") == "date-time":
            return "time"
        return str(schema.get("type", "any value"))


def content_schema(holder: Json) -> Json:
    contents: Json = holder.get("content", {})
    return next((content.get("schema", {}) for content in contents.values()), {})


def query_of(parameters: Iterable[Json]) -> str:
    """What must stand behind the path, with the values for the reader to fill in."""
    needed = [
        f"{parameter['name']}={{{parameter['name']}}}"
        for parameter in parameters
        if parameter["in"] == "query" and parameter.get("required")
    ]
    return "?" + "&".join(needed) if needed else ""


def curl(method: str, url: str, body: Any, *, is_open: bool) -> str:
    """A command to copy; $TOKEN and what stands in braces are the reader's to fill in."""
    lines = [f"curl '{url}'" if method == "get" else f"curl -X {method.upper()} '{url}'"]
    if not is_open:
        lines.append('-H "Authorization: Bearer $TOKEN"')
    if isinstance(body, dict) and body:
        lines.append("-H 'Content-Type: application/json'")
        lines.append(f"-d '{json.dumps(body, ensure_ascii=False)}'")
    return " \\\n  ".join(lines)
