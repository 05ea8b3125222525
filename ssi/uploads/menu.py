"""What signed files put into the menu."""

from typing import Final

from ssi.access.components import Component
from ssi.web.navigation import Entry, add

GROUP: Final = "Thresholds and quarantine"
VIEW = (Component.ADT_AND_QUARANTINE_VIEW,)

add(
    Entry("Uploads", "uploads:uploads", VIEW, order=40, group=GROUP),
)
