"""Reads the API's OpenAPI document for its reference page: plain HTML, which needs no script and prints."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_METHODS = ("get", "post", "put", "patch", "delete")
_JSON = "application/json"


@dataclass(frozen=True, slots=True)
class Type:
    """A type in words, with the name of the schema it speaks of, "" for plain ones."""

    words: str
    schema: str = ""


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter of an operation, or a field of a schema."""

    name: str
    where: str
    type: Type
    required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Response:
    """A status an operation answers with; problem documents all look alike, so they name no type."""

    status: str
    description: str
    type: Type | None


@dataclass(frozen=True, slots=True)
class ApiOperation:
    """One operation as the page shows it."""

    anchor: str
    method: str
    path: str
    summary: str
    description: str
    parameters: list[Field]
    body: Type | None
    media_type: str
    answers: list[Response]
    problems: list[Response]


@dataclass(frozen=True, slots=True)
class Group:
    """Operations under one tag."""

    name: str
    operations: list[ApiOperation]


@dataclass(frozen=True, slots=True)
class SchemaShown:
    """An object that calls or answers carry."""

    name: str
    description: str
    fields: list[Field]


class Reference:
    """The whole reference, drawn from an OpenAPI 3.1 document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.version: str = document["info"]["version"]
        self._paths: Mapping[str, Any] = document["paths"]
        self._schemas: Mapping[str, Any] = document["components"]["schemas"]

    @property
    def groups(self) -> list[Group]:
        """Return the operations by their first tag, in the document's order."""
        groups: dict[str, list[ApiOperation]] = {}
        for path, methods in self._paths.items():
            for method in _METHODS:
                if method in methods:
                    tag = next(iter(methods[method].get("tags", [])), "Other")
                    groups.setdefault(tag, []).append(self._operation(path, method, methods[method]))
        return [Group(name, operations) for name, operations in groups.items()]

    @property
    def schemas(self) -> list[SchemaShown]:
        """Return every object that calls or answers carry, by its name."""
        return [
            SchemaShown(name, self._schemas[name].get("description", ""), list(self._fields(self._schemas[name])))
            for name in sorted(self._mentioned_in(self._paths))
            if self._schemas[name].get("properties")
        ]

    def _mentioned_in(self, part: Any) -> set[str]:
        """Return the names of the objects that a part of the document speaks of, those within them too."""
        if isinstance(part, list):
            return set().union(*map(self._mentioned_in, part))
        if not isinstance(part, Mapping):
            return set()
        named = set()
        if "$ref" in part:
            name = part["$ref"].rpartition("/")[2]
            named = {name} | self._mentioned_in(self._schemas[name])
        return named.union(*map(self._mentioned_in, part.values()))

    def _operation(self, path: str, method: str, operation: Mapping[str, Any]) -> ApiOperation:
        content = operation.get("requestBody", {}).get("content", {})
        media_type = next(iter(content), "")
        responses = [self._response(str(status), each) for status, each in operation["responses"].items()]
        return ApiOperation(
            anchor=operation["operationId"],
            method=method.upper(),
            path=path,
            summary=operation.get("summary", ""),
            description=operation.get("description", ""),
            parameters=[self._parameter(each) for each in operation.get("parameters", [])],
            body=self._type(content[media_type]["schema"]) if media_type else None,
            media_type=media_type,
            answers=[each for each in responses if each.status < "400"],
            problems=[each for each in responses if each.status >= "400"],
        )

    def _parameter(self, parameter: Mapping[str, Any]) -> Field:
        """Return a parameter; an optional one is left out rather than sent as null."""
        schema = parameter["schema"]
        choices = [each for each in schema.get("anyOf", []) if each.get("type") != "null"]
        description = parameter.get("description") or schema.get("description", "")
        return Field(
            parameter["name"],
            parameter["in"],
            self._type({**schema, "anyOf": choices} if choices else schema),
            parameter["required"],
            description,
        )

    def _response(self, status: str, response: Mapping[str, Any]) -> Response:
        content = response.get("content", {}).get(_JSON)
        return Response(status, response["description"], self._type(content["schema"]) if content else None)

    def _fields(self, schema: Mapping[str, Any]) -> Iterator[Field]:
        required = schema.get("required", [])
        for name, each in schema["properties"].items():
            yield Field(name, "", self._type(each), name in required, each.get("description", ""))

    def _type(self, schema: Mapping[str, Any]) -> Type:
        """Return a schema in words: "list of DeviceOut", "date-time or null", "ESME, GSME or CHF"."""
        choices = schema.get("anyOf", [schema])
        plain = [self._plain_type(each) for each in choices if each.get("type") != "null"]
        words = " or ".join(each.words for each in plain) or "anything"
        nullable = len(plain) < len(choices)
        return Type(
            f"{words} or null" if nullable else words, next((each.schema for each in plain if each.schema), "")
        )

    def _plain_type(self, schema: Mapping[str, Any]) -> Type:
        if "$ref" in schema:
            return self._named(schema["$ref"].rpartition("/")[2])
        if "enum" in schema:
            *first, last = map(str, schema["enum"])
            return Type(f"{', '.join(first)} or {last}" if first else last)
        if schema.get("type") == "array":
            inner = self._type(schema.get("items", {}))
            return Type(f"list of {inner.words}", inner.schema)
        return Type(str(schema.get("format") or schema.get("type", "anything")))

    def _named(self, name: str) -> Type:
        """Return an object by its name; an enumeration by its values."""
        schema = self._schemas[name]
        return Type(name, name) if schema.get("properties") else self._plain_type(schema)
