"""The reference pages, put together from what every app writes in its `reference.py`."""

from importlib import import_module

from django.apps import apps
from django.utils.module_loading import module_has_submodule

from ssi.access import reference as access_reference


def collect() -> dict[str, str]:
    """Return every generated page of `docs/reference` by file name.

    An app's `reference.py` offers `pages() -> dict[str, str]`; it is written from the code and asks no database.
    """
    found = access_reference.pages()
    for config in apps.get_app_configs():
        if config.name != "ssi.web" and config.module and module_has_submodule(config.module, "reference"):
            found |= import_module(f"{config.name}.reference").pages()
    return found
