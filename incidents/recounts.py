"""What the incidents floor counts in Working Days: the due dates of open requests."""

from incidents.actions.obligations import recount
from ssi.calendar import changes

changes.on_changed(recount)
