"""Where everything is. The floors above are joined by name, so that the portal never imports them."""

from django.contrib import admin
from django.urls import include, path

handler400 = "ssi.web.errors.bad_request"
handler403 = "ssi.web.errors.permission_denied"
handler404 = "ssi.web.errors.page_not_found"
handler500 = "ssi.web.errors.server_error"

urlpatterns = [
    path("api/v1/", include("ssi.api_urls")),  # first: programs ask most
    path("", include("incidents.urls")),
    path("", include("inventory.urls")),
    path("", include("ssi.uploads.urls")),
    path("", include("ssi.accounts.urls")),
    path("", include("ssi.web.urls")),
    path("admin/", admin.site.urls),
]
