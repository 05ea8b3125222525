"""What every page knows besides its own data: who acts, where they may go, and how it looks to them."""

import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote_plus

from django.conf import settings
from django.http import HttpRequest

from ssi.access.actor import Actor
from ssi.web.navigation import MenuGroup, menu_for
from ssi.web.requests import ActingChoice

THEMES = ("light", "dark")
SEARCH_PATH = "/devices/"


def portal(request: HttpRequest) -> dict[str, Any]:
    """Return the frame's context; error pages may come before the middleware that sets `request.actor`."""
    actor: Actor | None = getattr(request, "actor", None)
    menu = menu_for(request) if actor is not None else []
    theme = request.COOKIES.get("ssi_theme", "")
    return {
        "actor": actor,
        "menu": menu,
        "acting_choices": _choices(actor, getattr(request, "acting_choices", ())),
        "search_path": SEARCH_PATH if _leads_to_search(menu) else "",
        "demo": settings.SSI_DEMO,
        "here": _here(request),
        "theme": theme if theme in THEMES else "",
    }


def _leads_to_search(menu: Sequence[MenuGroup]) -> bool:
    return any(item.url == SEARCH_PATH for group in menu for item in group.items)


def _here(request: HttpRequest) -> str:
    """Return the page's own address for its forms to come back to; not one that somebody typed a code into."""
    address = request.get_full_path()
    typed = re.sub(r"[\W_]", "", unquote_plus(address))
    return "/" if re.search(r"[0-9A-Fa-f]{32}", typed) else address


def _choices(actor: Actor | None, choices: Sequence[ActingChoice]) -> list[tuple[str, str, bool]]:
    """Return (value, label, current) for each User ID and role one may act for, if there is more than one."""
    if actor is None or len(choices) < 2:  # noqa: PLR2004 - one choice is none
        return []
    current = f"{actor.user_id}/{actor.user_role}"
    return [(choice.value, choice.label, choice.value == current) for choice in choices]
