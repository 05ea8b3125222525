"""What the floors above hang onto a page below: panels and actions, collected from each app's `panels.py`.

The device page belongs to the inventory, which knows nothing of incidents; `incidents/panels.py` hangs its panel
and its "Ask for the install code" there. A maker is called once per page with the actor and the thing shown, and
answers None where it has nothing to say to that actor.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from ssi.access.actor import Actor

DEVICE = "device"
"""The device page; its makers are given the `inventory.search.Detail`: the device, and what was asked about it."""
LOOKUP = "lookup"
"""The answer to a pasted list of identifiers; its makers are given the `inventory.search.Lookup`."""


@dataclass(frozen=True, slots=True)
class Panel:
    """A part of a page: `template` is rendered with `facts` as its context, over the page's own.

    The template usually is one `{% panel "Title" %}…{% endpanel %}`. Keep its queries fixed in number.
    """

    template: str
    facts: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class PageAction:
    """A link shown as a button; with a `reason` it is greyed and the reason stands beside it.

    `kind` is primary, secondary, quiet or danger.
    """

    label: str
    url: str
    reason: str = ""
    kind: str = "secondary"


PanelMaker = Callable[[Actor, Any], Panel | None]
ActionMaker = Callable[[Actor, Any], PageAction | None]

_panels: dict[str, list[PanelMaker]] = defaultdict(list)
_actions: dict[str, list[ActionMaker]] = defaultdict(list)


def add_panel(page: str, maker: PanelMaker) -> None:
    """Hang a panel onto `page`, after those already there; called once per app when the portal starts."""
    _panels[page].append(maker)


def add_action(page: str, maker: ActionMaker) -> None:
    """Offer an action at the head of `page`; called once per app when the portal starts."""
    _actions[page].append(maker)


def panels_of(page: str, actor: Actor, shown: object) -> list[Panel]:
    """Return the panels that `page` has for `actor` when it shows `shown`."""
    return [panel for maker in _panels[page] if (panel := maker(actor, shown)) is not None]


def actions_of(page: str, actor: Actor, shown: object) -> list[PageAction]:
    """Return the actions that `page` offers `actor`, greyed ones included."""
    return [action for maker in _actions[page] if (action := maker(actor, shown)) is not None]
