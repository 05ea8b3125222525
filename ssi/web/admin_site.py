"""Django's admin as the DCC helpdesk's console: the portal's look, its sign-in, and only DCC's staff."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.contrib.admin import AdminSite, ModelAdmin
from django.contrib.admin.apps import AdminConfig
from django.db.models import Model
from django.http import HttpRequest
from django.urls import URLPattern, URLResolver

from ssi.access.components import Component
from ssi.access.decorators import requires

OWN_PACKAGES = frozenset({"ssi", "inventory", "incidents"})


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

    def register(
        self,
        model_or_iterable: type[Model] | Iterable[type[Model]],
        admin_class: type[ModelAdmin[Any]] | None = None,
        **options: Any,
    ) -> None:
        """Take in our own pages only: those that libraries bring along would go round our actions."""
        models = [model_or_iterable] if isinstance(model_or_iterable, type) else model_or_iterable
        own = [model for model in models if model._meta.app_config.name.split(".")[0] in OWN_PACKAGES]
        super().register(own, admin_class, **options)

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
