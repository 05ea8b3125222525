"""Reads the API's OpenAPI document for its reference page: plain HTML, which needs no script and prints."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

_METHODS = ("get", "post", "put", "patch", "delete")


@dataclass(frozen=True, slots=True)
class Field:
    """A parameter, or a field of a body or an answer; `name` has dots where it stands in another."""

    name: str
    where: str
    type: str
    required: bool
    description: str


@dataclass(frozen=True, slots=True)
class Response:
    """A status an operation answers with; `fields` are empty for problem documents, which all look alike."""

    status: str
    description: str
    fields: list[Field]


@dataclass(frozen=True, slots=True)
class ApiOperation:
    """One operation as the page shows it."""

    anchor: str
    method: str
    path: str
    summary: str
    description: str
    parameters: list[Field]
    body: list[Field]
    body_type: str
    answers: list[Response]
    problems: list[Response]


@dataclass(frozen=True, slots=True)
class Group:
    """Operations under one tag."""

    name: str
    operations: list[ApiOperation]


class Reference:
    """The whole reference, drawn from an OpenAPI 3.1 document."""

    def __init__(self, document: Mapping[str, Any]) -> None:
        self.title: str = document["info"]["title"]
        self.version: str = document["info"]["version"]
        self._document = document
        self._schemas: Mapping[str, Any] = document["components"]["schemas"]

    @property
    def groups(self) -> list[Group]:
        """Return the operations by their first tag, in the document's order."""
        groups: dict[str, list[ApiOperation]] = {}
        for path, methods in self._document["paths"].items():
            for method in _METHODS:
                if method in methods:
                    tag = next(iter(methods[method].get("tags", [])), "Other")
                    groups.setdefault(tag, []).append(self._operation(path, method, methods[method]))
        return [Group(name, operations) for name, operations in groups.items()]

    @property
    def problem(self) -> list[Field]:
        """Return the fields of a problem document."""
        return list(self._fields(self._schemas["Problem"], ""))

    def _operation(self, path: str, method: str, operation: Mapping[str, Any]) -> ApiOperation:
        content = operation.get("requestBody", {}).get("content", {})
        body_type = next(iter(content), "")
        responses = [self._response(str(status), each) for status, each in operation["responses"].items()]
        return ApiOperation(
            anchor=operation["operationId"],
            method=method.upper(),
            path=path,
            summary=operation.get("summary", ""),
            description=operation.get("description", ""),
            parameters=[self._parameter(each) for each in operation.get("parameters", [])],
            body=list(self._fields(content[body_type]["schema"], "")) if body_type else [],
            body_type=body_type,
            answers=[each for each in responses if each.status < "400"],
            problems=[each for each in responses if each.status >= "400"],
        )

    def _parameter(self, parameter: Mapping[str, Any]) -> Field:
        schema = parameter["schema"]
        description = parameter.get("description") or schema.get("description", "")
        return Field(parameter["name"], parameter["in"], self._type(schema), parameter["required"], description)

    def _response(self, status: str, response: Mapping[str, Any]) -> Response:
        content = response.get("content", {}).get("application/json", {})
        fields = list(self._fields(content["schema"], "")) if "schema" in content else []
        return Response(status, response["description"], fields)

    def _fields(self, schema: Mapping[str, Any], within: str) -> Iterator[Field]:
        """Yield the fields of an object, those of objects in it after it."""
        schema = self._resolved(schema)
        required = schema.get("required", [])
        for name, each in schema.get("properties", {}).items():
            full = f"{within}{name}"
            description = each.get("description") or ""
            yield Field(full, "body", self._type(each), name in required, description)
            inner, suffix = self._object_in(each)
            if inner:
                yield from self._fields(inner, f"{full}{suffix}.")

    def _object_in(self, schema: Mapping[str, Any]) -> tuple[Mapping[str, Any] | None, str]:
        """Return the object that a field holds, alone or in a list (then with "[]")."""
        plain = self._without_null(self._resolved(schema))[0]
        if plain.get("type") == "array":
            return self._object_in(plain.get("items", {}))[0], "[]"
        return (plain, "") if plain.get("properties") else (None, "")

    def _type(self, schema: Mapping[str, Any]) -> str:
        plain, nullable = self._without_null(self._resolved(schema))
        words = self._plain_type(plain)
        return f"{words} or null" if nullable else words

    def _plain_type(self, schema: Mapping[str, Any]) -> str:
        if "enum" in schema:
            return " | ".join(map(str, schema["enum"]))
        if schema.get("type") == "array":
            return f"list of {self._type(schema.get('items', {}))}"
        return str(schema.get("format") or schema.get("type", "any"))

    def _without_null(self, schema: Mapping[str, Any]) -> tuple[Mapping[str, Any], bool]:
        choices = schema.get("anyOf")
        if not choices:
            return schema, False
        others = [self._resolved(each) for each in choices if each.get("type") != "null"]
        return (others[0] if others else {}), len(others) < len(choices)

    def _resolved(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        while "$ref" in schema:
            schema = self._schemas[schema["$ref"].rpartition("/")[2]]
        return schema
