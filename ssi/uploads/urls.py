"""Addresses of signed files. E-mails link to /incidents/<reference>/, which leads here."""

from django.urls import path

from ssi.uploads.views import uploads
from ssi.web import references  # noqa: F401 - registers <reference:…>

app_name = "uploads"

urlpatterns = [
    path("uploads/", uploads.uploads, name="uploads"),
]
