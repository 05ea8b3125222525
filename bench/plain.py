"""A page's context as plain values, so that its template can be rendered without any of the work behind it."""

import datetime as dt
import enum
from collections.abc import Iterable, Mapping
from typing import Any, Final

from django.contrib.auth.context_processors import PermWrapper
from django.db.models import Model
from django.forms import BaseForm, BoundField
from django.http import HttpRequest
from django.utils.functional import Promise

from ssi.eui64 import Eui64

DEEPEST: Final = 7
_AS_THEY_ARE: Final = (
    *(str, int, float, bytes, dt.date, dt.time, dt.timedelta, enum.Enum, Eui64),
    *(BaseForm, BoundField, HttpRequest, type),
)


class Plain:
    """The values of something at one moment, by their names; its own text with it."""

    def __init__(self, text: str, values: Mapping[str, Any]) -> None:
        self.__dict__.update(values)
        self.__dict__["_text"] = text

    def __str__(self) -> str:
        return str(self.__dict__["_text"])


def plain(value: Any, depth: int = 0) -> Any:
    """Return `value` as plain values: lists, dicts and `Plain`; forms and the request stay as they are.

    Everything a template could ask for is worked out now, so rendering it later asks nobody. Beyond `DEEPEST`
    there is only text.
    """
    if value is None or isinstance(value, _AS_THEY_ARE):
        return value
    if isinstance(value, Promise) or depth >= DEEPEST:
        return str(value)
    if isinstance(value, Mapping):
        return {key: plain(each, depth + 1) for key, each in value.items()}
    if hasattr(value, "_fields") and isinstance(value, tuple):
        return type(value)(*(plain(each, depth + 1) for each in value))
    if isinstance(value, Iterable) and not isinstance(value, Model | PermWrapper):
        return [plain(each, depth + 1) for each in value]
    values = _of_row(value, depth) if isinstance(value, Model) else _of_object(value, depth)
    return Plain(str(value), values)


def _of_row(row: Model, depth: int) -> dict[str, Any]:
    """Return the fields of a row, those of the rows fetched with it, and what its labels say."""
    names = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    names["pk"] = row.pk
    for field in row._meta.concrete_fields:
        if field.name in row._state.fields_cache:
            names[field.name] = plain(getattr(row, field.name), depth + 1)
        if field.choices:
            names[f"get_{field.name}_display"] = getattr(row, f"get_{field.name}_display")()
    for name, kind in vars(type(row)).items():
        if isinstance(kind, property) and not name.startswith("_"):
            names[name] = plain(getattr(row, name), depth + 1)
    if hasattr(row, "get_absolute_url"):
        names["get_absolute_url"] = row.get_absolute_url()
    return names


def _of_object(value: object, depth: int) -> dict[str, Any]:
    """Return what a template may read of an object: attributes and properties, by their names."""
    found = {name: getattr(value, name) for name in dir(value) if not name.startswith("_")}
    return {name: plain(each, depth + 1) for name, each in found.items() if not callable(each)}
