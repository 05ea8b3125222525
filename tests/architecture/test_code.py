"""House rules that no linter knows, read from the source itself."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.apps import apps
from django.conf import settings
from django.db import models

ROOT: Path = settings.BASE_DIR
LONGEST_FILE = 400
LONGEST_FUNCTION = 40
FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)
INDUSTRYS_DATETIMES = {"at", "last_login", "status_since"}
"""Datetimes whose names are not ours: a history's "at", Django's, DUIS's."""


def sources(*folders: str) -> list[Path]:
    """Return our Python files; what Django generates is not ours."""
    found = (path for folder in folders for path in (ROOT / folder).rglob("*.py"))
    return sorted(path for path in found if "migrations" not in path.parts)


PRODUCT = sources("ssi", "inventory", "incidents", "deploy")
ALL = [*PRODUCT, *sources("tests"), ROOT / "manage.py"]


def parsed(path: Path) -> ast.Module:
    return ast.parse(path.read_text(encoding="utf-8"), filename=str(path))


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    yield from (node for node in ast.walk(tree) if isinstance(node, FUNCTIONS))


def named(paths_and_lines: Iterator[tuple[Path, int]]) -> list[str]:
    return [f"{path.relative_to(ROOT)}:{line}" for path, line in paths_and_lines]


def test_no_file_is_too_long() -> None:
    lengths = {path: len(path.read_text(encoding="utf-8").splitlines()) for path in ALL}
    assert named((path, length) for path, length in lengths.items() if length > LONGEST_FILE) == []


def test_no_function_is_too_long() -> None:
    long = (
        (path, function.lineno)
        for path in ALL
        for function in functions(parsed(path))
        if (function.end_lineno or 0) - function.lineno + 1 > LONGEST_FUNCTION
    )
    assert named(long) == []


def test_no_import_inside_a_function() -> None:
    hidden = (
        (path, inner.lineno)
        for path in PRODUCT
        for function in functions(parsed(path))
        for inner in ast.walk(function)
        if isinstance(inner, ast.Import | ast.ImportFrom)
    )
    assert named(hidden) == []


def test_no_signals() -> None:
    """What happens when something is done stands in the action that does it."""
    heard = (
        (path, node.lineno)
        for path in PRODUCT
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ImportFrom)
        and (node.module or "").split(".")[-1] == "signals"
        and not (node.module or "").startswith("celery")
    )
    assert named(heard) == []


def test_no_model_orders_itself() -> None:
    ordered = [
        model._meta.label
        for model in apps.get_models()
        if model.__module__.startswith(OURS) and model._meta.ordering
    ]
    assert ordered == []


OURS = ("ssi.", "inventory.", "incidents.")


def test_no_module_for_odds_and_ends() -> None:
    assert [str(path) for path in ALL if path.stem in {"utils", "util", "helpers", "common", "misc"}] == []


def test_datetimes_end_in_at_and_dates_in_date() -> None:
    wrong = [
        f"{model._meta.label}.{field.name}"
        for model in apps.get_models()
        if model.__module__.startswith(OURS)
        for field in model._meta.concrete_fields
        if isinstance(field, models.DateField)
        and field.name not in INDUSTRYS_DATETIMES
        and not field.name.endswith("_at" if isinstance(field, models.DateTimeField) else "_date")
    ]
    assert wrong == []


@pytest.mark.parametrize("package", ["ssi/access", "ssi/working_days.py", "incidents/rules.py"])
def test_rules_ask_no_database(package: str) -> None:
    paths = sources(package) or [ROOT / package]
    asking = (
        (path, node.lineno)
        for path in paths
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Attribute) and node.attr == "objects"
    )
    assert named(asking) == []


def test_views_are_short_and_make_one_call() -> None:
    """A view: URL in, one call, page out; fifteen lines (design: "One request, walked")."""
    views = [path for path in PRODUCT if "views" in path.parts]
    assert views
    long = (
        (path, node.lineno)
        for path in views
        for node in parsed(path).body
        if isinstance(node, FUNCTIONS) and node.decorator_list
        if len(_without_docstring(node)) > 0 and _lines_of(node) > 15
    )
    assert named(long) == []


def _without_docstring(function: ast.FunctionDef | ast.AsyncFunctionDef) -> list[ast.stmt]:
    return function.body[1:] if ast.get_docstring(function) else function.body


def _lines_of(function: ast.FunctionDef | ast.AsyncFunctionDef) -> int:
    body = _without_docstring(function)
    return (body[-1].end_lineno or 0) - body[0].lineno + 1
