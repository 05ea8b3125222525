"""The incidents floor as an app."""

from django.apps import AppConfig


class IncidentsConfig(AppConfig):
    """The work about things: Requests for Install Code, and the home page."""

    name = "incidents"
    label = "incidents"
    verbose_name = "Incidents"
