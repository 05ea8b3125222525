"""Addresses of the pages that belong to no subject."""

from django.urls import path

from ssi.web.views import accessibility, health

urlpatterns = [
    path("livez", health.livez, name="livez"),
    path("readyz", health.readyz, name="readyz"),
    path("accessibility/", accessibility.accessibility, name="accessibility"),
]
