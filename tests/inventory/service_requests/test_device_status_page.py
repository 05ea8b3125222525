"""The reference page of statuses is what the code says."""

from django.conf import settings

from inventory.models.choices import SmiStatus
from inventory.reference import pages
from inventory.rules import RULES

NAME = "device-status.md"


def test_the_page_is_current() -> None:
    page = settings.BASE_DIR / "docs" / "reference" / NAME
    assert page.read_text(encoding="utf-8") == pages()[NAME], "Run `make docs`."


def test_every_move_says_for_which_devices_and_why() -> None:
    rows = [row.split(" | ") for row in pages()[NAME].splitlines() if "| `" in row]
    assert len(rows) > 25
    for _source, _verb, _target, devices, why in rows:
        assert devices
        assert why.rstrip(" |").endswith(".")


def test_no_move_leads_to_withdrawn() -> None:
    arrows = [line for line in pages()[NAME].splitlines() if "-->" in line]
    assert not [line for line in arrows if SmiStatus.WITHDRAWN.duis in line]


def test_every_request_stands_on_the_page() -> None:
    assert all(f"| {srv} | " in pages()[NAME] for srv in RULES)
