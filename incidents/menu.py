"""What the incidents floor puts into the menu."""

from ssi.access.components import Component
from ssi.web.navigation import Entry, add

HANDLERS = (Component.INSTALL_CODE_REQUEST_RAISE, Component.INSTALL_CODE_REQUEST_RESPOND)
DESK = (Component.SERVICE_DESK,)
"""Users come to batches and work packs by the tabs of their requests."""

CODES = "Install codes"

add(
    Entry("Home", "incidents:home", tuple(Component), order=0),
    Entry("Incidents", "incidents:incidents", (Component.INCIDENTS, *HANDLERS), order=1),
    Entry("Install code requests", "incidents:requests", HANDLERS, order=30, group=CODES),
    Entry("Codes in escrow", "incidents:escrow", (Component.INSTALL_CODE_REQUEST_RESPOND,), order=31, group=CODES),
    Entry("Batches", "incidents:batches", DESK, order=32, group=CODES),
    Entry("Work packs", "incidents:work_packs", DESK, order=33, group=CODES),
    Entry(
        "Performance",
        "incidents:performance",
        (Component.INCIDENTS, Component.SERVICE_DESK),
        order=34,
        group=CODES,
    ),
)
