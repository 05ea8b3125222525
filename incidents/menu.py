"""What the incidents floor puts into the menu."""

from ssi.access.components import Component
from ssi.web.navigation import Entry, add

HANDLERS = (Component.INSTALL_CODE_REQUEST_RAISE, Component.INSTALL_CODE_REQUEST_RESPOND)
DESK = (Component.SERVICE_DESK,)
"""Users come to batches and work packs by the tabs of their requests."""

add(
    Entry("Home", "incidents:home", tuple(Component), order=0),
    Entry("Install code requests", "incidents:requests", HANDLERS, order=20),
    Entry("Codes in escrow", "incidents:escrow", (Component.INSTALL_CODE_REQUEST_RESPOND,), order=25),
    Entry("Batches", "incidents:batches", DESK, order=32),
    Entry("Work packs", "incidents:work_packs", DESK, order=34),
    Entry("Performance", "incidents:performance", (Component.INCIDENTS, Component.SERVICE_DESK), order=36),
    Entry("Incidents", "incidents:incidents", (Component.INCIDENTS, *HANDLERS), order=30),
)
