"""How devices stand once their home was visited, and what that makes of the home's meter points."""

from typing import Final

from inventory.models.choices import DccServiceStatus, SmiStatus
from inventory.synthetic.chance import MASK, table
from inventory.synthetic.homes import Home
from ssi.copying import NULL, smallint

# As plain numbers: members of an enumeration are slow to compare and to hash, and this is done for each device.
PENDING: Final = SmiStatus.PENDING.value
WHITELISTED: Final = SmiStatus.WHITELISTED.value
INSTALLED: Final = SmiStatus.INSTALLED_NOT_COMMISSIONED.value
COMMISSIONED: Final = SmiStatus.COMMISSIONED.value
DECOMMISSIONED: Final = SmiStatus.DECOMMISSIONED.value
SUSPENDED: Final = SmiStatus.SUSPENDED.value
RECOVERY: Final = SmiStatus.RECOVERY.value
RECOVERED: Final = SmiStatus.RECOVERED.value

_LIVED_IN: Final = table(
    [
        (COMMISSIONED, 97.9),
        (WHITELISTED, 0.2),
        (INSTALLED, 0.25),
        (DECOMMISSIONED, 1.2),
        (SUSPENDED, 0.35),
        (RECOVERY, 0.03),
        (RECOVERED, 0.07),
    ]
)
_HUB_LIVED_IN: Final = table([(COMMISSIONED, 99.6), (SUSPENDED, 0.3), (RECOVERED, 0.1)])
_UNFINISHED: Final = table([(PENDING, 24), (WHITELISTED, 27), (INSTALLED, 39), (COMMISSIONED, 10)])
_HUB_UNFINISHED: Final = table([(INSTALLED, 55), (COMMISSIONED, 45)])
_STOCK: Final = table([(PENDING, 1)])
OUTCOMES: Final = {False: (_LIVED_IN, _UNFINISHED, _STOCK), True: (_HUB_LIVED_IN, _HUB_UNFINISHED, _STOCK)}
"""By whether it is a part of a hub, then by how far its home came."""

_BARE: Final = 1_023
"""One meter in so many and one more lost its meter point."""

_BEFORE: Final = (PENDING, WHITELISTED, INSTALLED)
_SERVICE_STATUS: Final = {
    **dict.fromkeys(_BEFORE, NULL),
    **dict.fromkeys((COMMISSIONED, SUSPENDED, RECOVERY, RECOVERED), smallint(DccServiceStatus.ACTIVE)),
    DECOMMISSIONED: smallint(DccServiceStatus.NOT_ACTIVE),
}


def is_bare(word: int) -> bool:
    """Tell of a meter's word whether no meter point is on record for it."""
    return not word >> 54 & _BARE


def service_status(home: Home, word: int) -> bytes:
    """Return the DCC Service Status of a meter's meter points, given the meter's word: MP077 PIA 3.1.1."""
    return NULL if is_bare(word) else _SERVICE_STATUS[OUTCOMES[False][home.came][word >> 12 & MASK]]
