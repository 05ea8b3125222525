"""Floors above hang panels and actions onto pages below."""

import pytest
from django.template import Context, Template

from ssi.access.actor import Actor
from ssi.web import panels
from ssi.web.panels import PageAction, Panel

PAGE = "a page of this test"


@pytest.fixture(autouse=True)
def hung(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panels, "_panels", panels._panels.copy())
    monkeypatch.setattr(panels, "_actions", panels._actions.copy())


def test_a_maker_is_asked_for_the_actor_and_the_thing_and_may_have_nothing_to_say() -> None:
    def for_the_portal(actor: Actor, shown: str) -> Panel | None:
        return Panel("components/footer.html", {"shown": shown}) if actor.is_system else None

    panels.add_panel(PAGE, for_the_portal)
    assert panels.panels_of(PAGE, Actor.system(), "it") == [Panel("components/footer.html", {"shown": "it"})]
    assert panels.panels_of(PAGE, Actor(), "it") == []
    assert panels.panels_of("another page", Actor.system(), "it") == []


def test_actions_come_in_the_order_they_were_offered() -> None:
    panels.add_action(PAGE, lambda actor, shown: PageAction("One", f"/{shown}/"))
    panels.add_action(PAGE, lambda actor, shown: None)
    panels.add_action(PAGE, lambda actor, shown: PageAction("Two", "/", reason="Not now."))
    assert [action.label for action in panels.actions_of(PAGE, Actor(), "it")] == ["One", "Two"]


def test_a_panel_is_rendered_with_its_facts_over_the_pages_own() -> None:
    page = Template("{% hung_panel panel %}|{{ rows }}")
    panel = Panel("components/summary_list.html", {"rows": [("Colour", "green")]})
    shown = page.render(Context({"panel": panel, "rows": "the page's"}))
    assert "<dt>Colour</dt>" in shown
    assert shown.endswith("|the page&#x27;s")
