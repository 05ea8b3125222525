"""How many queries the pages of corrections make."""

import pytest

from inventory.actions.corrections import manual
from ssi.accounts.models import Person
from tests.factories.corrections import applied, checked, meters_of
from tests.personas import actor_of, client_of
from tests.query_counts import counted

pytestmark = pytest.mark.django_db(transaction=True)


def test_every_page_asks_as_often_for_many_rows_as_for_one(gina: Person) -> None:
    us, browser = actor_of(gina, "IS"), client_of(gina, "IS")
    assert us.user_id
    meters = meters_of(us.user_id, 6)
    done = applied(us, *((each.pk, "BD") for each in meters[:3]))
    waiting = checked(us, *((each.pk, "C") for each in meters), ("nothing", "C"))
    asked = [manual.ask(each.pk, manufacturer="106C", model="X", reason="So.", by=us) for each in meters[:2]]
    browser.get("/corrections/")
    pages = {
        "corrections: list": "/corrections/",
        "corrections: new": "/corrections/new/",
        "corrections: checked": waiting.get_absolute_url(),
        "corrections: refused lines": f"{waiting.get_absolute_url()}?show=refused",
        "corrections: applied": done.get_absolute_url(),
        "corrections: asked of DCC": asked[0].get_absolute_url(),
        "corrections: of a device": f"/devices/{meters[0].pk}/correct/",
        "corrections: ask DCC": f"/devices/{meters[0].pk}/correct/desk/",
        "corrections: delete": f"/devices/{meters[0].pk}/delete/",
    }
    for name, address in pages.items():
        with counted(name):
            assert browser.get(address).status_code == 200
    with counted("corrections: result file"):
        assert b"".join(browser.get(f"{done.get_absolute_url()}rows.csv").streaming_content)  # type: ignore[attr-defined]
