"""Every e-mail in the code is declared, every declared one is written, and says at which pace it may come."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from ssi.notifications import notices
from ssi.notifications.notices import Notice, Pace, declare, declared
from ssi.notifications.reference import notifications_page
from tests.architecture.test_code import PRODUCT, ROOT, parsed

DECLARING = [path for path in PRODUCT if path.name == "notices.py"]
OTHERS = [path for path in PRODUCT if path not in DECLARING]
OUTBOX = ROOT / "ssi" / "notifications" / "outbox.py"
SENDING = {ROOT / "ssi" / "notifications" / f"{name}.py" for name in ("backends", "carrier", "letters")}


def calls(path: Path, *names: str) -> Iterator[ast.Call]:
    """Yield the calls of a function, class or method so named."""
    for node in ast.walk(parsed(path)):
        if isinstance(node, ast.Call):
            called = node.func
            name = called.id if isinstance(called, ast.Name) else getattr(called, "attr", "")
            if name in names:
                yield node


def constants(path: Path) -> dict[str, str]:
    """Return the names under which a module keeps what it declares, with their events."""
    found = {}
    for node in parsed(path).body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call):
            for notice in ast.walk(node.value):
                if isinstance(notice, ast.Call) and getattr(notice.func, "id", "") == "Notice":
                    target = node.targets[0]
                    assert isinstance(target, ast.Name)
                    [event] = [each.value for each in notice.keywords if each.arg == "event"]
                    assert isinstance(event, ast.Constant)
                    found[target.id] = str(event.value)
    return found


def mentioned(path: Path) -> set[str]:
    """Return every name that a module uses, also as an attribute of another module."""
    tree = parsed(path)
    attributes = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
    return attributes | {node.id for node in ast.walk(tree) if isinstance(node, ast.Name)}


KEPT = [named for path in DECLARING for named in constants(path).items()]
"""Names with their events; two apps may keep different ones under one name."""


def test_what_is_declared_stands_in_the_apps_notices_and_nowhere_else() -> None:
    assert sorted(event for _, event in KEPT) == [notice.event for notice in declared()]
    for path in OTHERS:
        assert not list(calls(path, "Notice", "declare_notice")), path


def test_every_declared_kind_of_email_is_written_by_something() -> None:
    writing = [
        path
        for path in OTHERS
        if "emails" in path.parts or path.stem.startswith("emails") or path.stem == "digests"
    ]
    used = set().union(*(mentioned(path) for path in writing))
    assert sorted({name for name, _ in KEPT} - used) == []


def test_every_email_in_the_code_is_of_a_declared_kind() -> None:
    """An Email takes a Notice (the type checker sees to that), and nothing goes round it."""
    for path in OTHERS:
        if path != OUTBOX:
            assert not list(calls(path, "OutboxMessage", "DigestItem")), path
            assert "OutboxMessage.objects.create" not in path.read_text(), path
            assert "OutboxMessage.objects.bulk_create" not in path.read_text(), path
        if path not in SENDING:
            assert "django.core.mail" not in path.read_text(), path


def test_a_kind_of_email_is_declared_once() -> None:
    with pytest.raises(ValueError, match="is declared already"):
        declare(notices.DIGEST)


@pytest.mark.parametrize(
    ("least", "because"), [(Pace.NEVER, "For no reason."), (Pace.AT_ONCE, ""), (Pace.DAILY, "")]
)
def test_what_must_arrive_says_why_and_nothing_else_does(least: Pace, because: str) -> None:
    with pytest.raises(ValueError, match="say why it must arrive"):
        Notice(event="a.b", name="A", when="Now.", to="All.", least=least, because=because)


@pytest.mark.parametrize(
    ("least", "paces"),
    [
        (Pace.AT_ONCE, (Pace.AT_ONCE,)),
        (Pace.DAILY, (Pace.AT_ONCE, Pace.DAILY)),
        (Pace.NEVER, (Pace.AT_ONCE, Pace.DAILY, Pace.NEVER)),
    ],
)
def test_a_person_may_choose_what_is_no_slower_than_the_law_allows(least: Pace, paces: tuple[Pace, ...]) -> None:
    because = "" if least == Pace.NEVER else "So it is."
    notice = Notice(event="a.b", name="A", when="Now.", to="All.", least=least, because=because)
    assert notice.paces == paces
    assert [notice.held_to(pace) for pace in Pace] == [pace if pace in paces else least for pace in Pace]


def test_what_starts_or_watches_the_legal_clock_comes_at_once() -> None:
    at_once = {notice.event for notice in declared() if notice.least == Pace.AT_ONCE}
    assert at_once >= {
        "install_code_request.installer_asked",
        "install_code_request.reminder",
        "install_code_request.overdue",
        "person.password_link",
    }


@pytest.mark.parametrize("notice", declared(), ids=lambda notice: notice.event)
def test_each_is_described_in_sentences_and_stands_in_the_reference(notice: Notice) -> None:
    thing, _, happened = notice.event.partition(".")
    assert thing
    assert happened
    assert len(notice.event) <= 80
    assert not notice.name.endswith(".")
    for sentence in (notice.when, notice.to, *([notice.because] if notice.because else [])):
        assert sentence.endswith(".")
        assert "|" not in sentence
        assert "\u2014" not in sentence
    [row] = [line for line in notifications_page().splitlines() if f"`{notice.event}`" in line]
    for said in (notice.name, notice.when, notice.to, notice.because):
        assert said in row
