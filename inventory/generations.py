"""Which generation of smart metering a device belongs to: SMETS1, or SMETS2 and later with the CHTS.

The version as DUIS gives it tells: `SMETS1`, `SMETS V1.2`, `SMETS V5.0`, `CHTS V1.4`. SMETS1 ended with version
1.2; 1.58 is the first published version of SMETS2, so the public test set's `SMETS V1.58` is a SMETS2 device.
"""

import re
from enum import StrEnum
from typing import Final

from inventory.models import Device
from inventory.models.choices import CspRegion

SMETS1_VERSION: Final = re.compile(r"SMETS(?:1V[0-9.]+|V?1(?:\.[0-2](?:\.[0-9]+)?)?)")
"""A version of SMETS1 in capitals without blanks; PostgreSQL reads the pattern just so."""


class Generation(StrEnum):
    """A generation; the value is written as the SMETS version where no better one is known (ours)."""

    SMETS1 = "SMETS1"
    SMETS2 = "SMETS2+"


def generation_of(version: str) -> Generation | None:
    """Return the generation of a SMETS or CHTS version, None for "" (Type 2 Devices have none)."""
    text = "".join(version.upper().split())
    if not text:
        return None
    return Generation.SMETS1 if SMETS1_VERSION.fullmatch(text) else Generation.SMETS2


def generation_of_hub(hub: Device) -> Generation:
    """Return the generation of a Communications Hub. A CHTS version means SMETS2+, whatever else is on record."""
    return generation_from(hub.device_model.smets_version, hub.s1sp, hub.csp_region)


def generation_from(version: str, s1sp: str | None, csp_region: int | None) -> Generation:
    """Return the generation of a hub of which this is on record: version, SMETS1 Service Provider, CSP region."""
    if version.upper().lstrip().startswith("CHTS"):
        return Generation.SMETS2
    is_smets1 = s1sp or csp_region == CspRegion.SMETS1 or generation_of(version) is Generation.SMETS1
    return Generation.SMETS1 if is_smets1 else Generation.SMETS2
