"""Addresses of the incidents floor. E-mails link to `/incidents/<reference>/` and nowhere else."""

from django.urls import path

from incidents import references  # noqa: F401 - registers <reference:…>
from incidents.views import home, incidents
from incidents.views.install_code_requests import lists, moves, raising, revealing

app_name = "incidents"

urlpatterns = [
    path("", home.home, name="home"),
    path("incidents/", incidents.incidents, name="incidents"),
    path("incidents/<reference:reference>/", incidents.incident, name="incident"),
    path("incidents/<reference:reference>/answer/", moves.answer, name="answer"),
    path("incidents/<reference:reference>/decline/", moves.decline, name="decline"),
    path("incidents/<reference:reference>/reveal/", revealing.reveal, name="reveal"),
    path("incidents/<reference:reference>/notes/", moves.note, name="notes"),
    path("incidents/<reference:reference>/close/", moves.close, name="close"),
    path("incidents/<reference:reference>/withdraw/", moves.withdraw, name="withdraw"),
    path("incidents/<reference:reference>/reroute/", moves.reroute, name="reroute"),
    path("incidents/<reference:reference>/unlock/", moves.unlock, name="unlock"),
    path("incidents/<reference:reference>/done/<slug:verb>/", moves.done, name="done"),
    path("install-code-requests/", lists.requests, name="requests"),
    path("install-code-requests/export/", lists.export, name="export"),
    path("install-code-requests/raise/", raising.raise_request, name="raise"),
]
