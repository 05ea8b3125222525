"""What is generated is current, and the floors keep to their places."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from importlinter.cli import lint_imports

from ssi.access import reference as access_reference
from ssi.web import reference


def test_imports_only_go_down() -> None:
    assert lint_imports(no_cache=True) == 0


@pytest.mark.django_db
def test_no_migration_is_missing() -> None:
    call_command("makemigrations", check=True, dry_run=True, stdout=StringIO())


def test_reference_pages_are_current() -> None:
    call_command("reference", check=True)


def test_stale_reference_page_is_named_with_the_way_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reference, "collect", lambda: {"access.md": "something else"})
    with pytest.raises(CommandError, match=r"Stale: docs/reference/access\.md\. Run `make docs`"):
        call_command("reference", check=True)


def test_every_floor_contributes_its_pages() -> None:
    assert access_reference.pages().keys() < reference.collect().keys()
    assert "request-states.md" in reference.collect()
