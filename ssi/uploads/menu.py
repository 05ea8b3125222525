"""What signed files put into the menu."""

from typing import Final

from ssi.access.components import Component
from ssi.web.navigation import Entry, add

GROUP: Final = "Thresholds and quarantine"
VIEW = (Component.ADT_AND_QUARANTINE_VIEW,)

add(
    Entry("Uploads", "uploads:uploads", VIEW, order=40, group=GROUP),
    Entry("Thresholds", "uploads:thresholds", VIEW, order=42, group=GROUP),
    Entry("To confirm", "uploads:to_confirm", (Component.SIGNED_FILES_DESK,), order=41, group=GROUP),
    Entry("Disaster recovery", "uploads:disaster_recovery", (Component.SIGNED_FILES_DESK,), order=48, group=GROUP),
    Entry("Security events", "uploads:security_events", (Component.SECURITY_EVENTS,), order=49, group=GROUP),
    Entry("Quarantine", "uploads:quarantine", VIEW, order=44, group=GROUP),
)
