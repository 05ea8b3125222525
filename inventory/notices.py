"""What the inventory writes to people about: to whom, when, and whether they may have it later or not at all.

The e-mails stand in `inventory/emails/`.
"""

from ssi.access.components import Component
from ssi.notifications.notices import Notice, declare

HOUSEKEEPING_REMOVED = declare(
    Notice(
        event="housekeeping.removed",
        name="Housekeeping removed Pending devices of ours",
        when="A run of housekeeping removed Pending devices of the party: one e-mail a run (SECMP0060).",
        to="The notifying party: those who may see the forecast of housekeeping.",
        reaches=(Component.HOUSEKEEPING_FORECAST,),
    )
)
