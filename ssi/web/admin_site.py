"""Django's admin as the DCC helpdesk's console: the portal's look, its sign-in, and only DCC's staff."""

from collections.abc import Sequence

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver

from ssi.access.components import Component
from ssi.access.decorators import requires


class SsiAdminSite(AdminSite):
    """The helpdesk's pages. Every page of it belongs to FC20."""

    site_header = "DCC service desk"
    site_title = "DCC service desk"
    index_title = "What the desk looks after"
    enable_nav_sidebar = False

    def has_permission(self, request: HttpRequest) -> bool:
        """Let DCC's staff in, by the access matrix."""
        actor = getattr(request, "actor", None)
        return actor is not None and actor.may(Component.SERVICE_DESK)

    def get_urls(self) -> list[URLPattern | URLResolver]:
        """Leave out Django's own ways to sign in and out and to change passwords: the portal has them."""
        own = {"login", "logout", "password_change", "password_change_done"}
        urls = [each for each in super().get_urls() if getattr(each, "name", None) not in own]
        _give_to_the_desk(urls)
        return urls


def _give_to_the_desk(urls: Sequence[URLPattern | URLResolver]) -> None:
    """Declare every admin page to belong to the service desk's component."""
    for each in urls:
        if isinstance(each, URLResolver):
            _give_to_the_desk(each.url_patterns)
        else:
            requires(Component.SERVICE_DESK)(each.callback)


class SsiAdminConfig(AdminConfig):
    """Puts our site in the place of Django's."""

    default_site = "ssi.web.admin_site.SsiAdminSite"
