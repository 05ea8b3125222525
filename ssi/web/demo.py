"""The demo estate, put together from what every app contributes in its `demo.py`."""

from importlib import import_module

from django.apps import apps
from django.utils.module_loading import module_has_submodule


def load() -> list[str]:
    """Load every app's part, the lower floors first, and return what was made, a phrase each.

    An app's `demo.py` offers `load() -> str`, which returns "" when its part is already there.
    """
    configs = [config for config in apps.get_app_configs() if config.module is not None]
    parts = [import_module(f"{c.name}.demo") for c in configs if module_has_submodule(c.module, "demo")]
    return [phrase for part in parts if part.__name__ != __name__ and (phrase := part.load())]
