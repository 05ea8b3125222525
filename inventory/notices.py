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
        to="The notifying party: those who may correct the inventory.",
        reaches=(Component.INVENTORY_CORRECTION,),
    )
)

CORRECTION_ASKED = declare(
    Notice(
        event="manual_correction.asked",
        name="A correction is asked of the service desk",
        when="A User asks DCC to correct manufacturer and model of a device no longer Pending (SECMP0125).",
        to="The DCC service desk.",
        reaches=(Component.SERVICE_DESK,),
    )
)

CORRECTION_DECIDED = declare(
    Notice(
        event="manual_correction.decided",
        name="The service desk decided on a correction of ours",
        when="The DCC service desk made, or refused, a correction that the User ID asked for.",
        to="The User ID that asked: those who may make corrections.",
        reaches=(Component.INVENTORY_CORRECTION,),
    )
)
