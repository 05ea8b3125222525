"""Django's admin as the DCC helpdesk's console: the portal's look, its sign-in, and only DCC's staff."""

from django.contrib.admin import AdminSite
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest

from ssi.access.components import Component
from ssi.access.decorators import View, requires


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

    def admin_view(self, view: View, cacheable: bool = False) -> View:
        """Declare every admin page to belong to the service desk's component."""
        return requires(Component.SERVICE_DESK)(super().admin_view(view, cacheable))


class SsiAdminConfig(AdminConfig):
    """Puts our site in the place of Django's."""

    default_site = "ssi.web.admin_site.SsiAdminSite"
