"""What can be wrong with a file of the Central Products List, besides what any file in CSV can have."""

from inventory.actions.registrations.findings import NotADate, NotReadable, WrongColumns, WrongNumberOfValues
from ssi.refusals import Refusal


class NotOnTheList(Refusal):
    """{device_type}s are never on the Central Products List."""

    suggestion = (
        "Leave the line out: Type 2 Devices are not on the list, and a GPF is there with its hub, the CHF."
    )
    source = "STAB MP105: IHDs are not on the CPL; SEC App Z"
    field = "device_type"


class DeviceTypeUnknown(Refusal):
    """There is no such device type on the Central Products List."""

    suggestion = "Write ESME, GSME, CHF, PPMID or HCALCS."
    field = "device_type"


class NotHexadecimal(Refusal):
    """This is not {what}."""

    suggestion = "Write the digits 0-9 and A-F alone, without 0x, blanks or dashes."
    source = "CPL New Entry Form: hexadecimal for Device Model details and for the hash"


class NotInOneCoding(Refusal):
    """The firmware version has {digits} digits here and {other_digits} in line {first}, of the same product."""

    suggestion = "Write all firmware versions of a product in one coding, with their leading zeros."
    source = "CPL New Entry Form: one coding (BCD or hexadecimal) used consistently for firmware versions"
    field = "firmware_version"


class CodingUnknown(Refusal):
    """There is no such coding of firmware versions."""

    suggestion = "Write BCD or hex, or leave it empty."
    field = "firmware_coding"


class CodingsMixed(Refusal):
    """The firmware version is in {coding} here, and in line {first}, of the same product, in {other_coding}."""

    suggestion = "Write all firmware versions of a product in one coding."
    source = "CPL New Entry Form: one coding (BCD or hexadecimal) used consistently for firmware versions"
    field = "firmware_coding"


class NotBcd(Refusal):
    """The firmware version is said to be in BCD, and has letters."""

    suggestion = "Write its decimal digits, or correct `firmware_coding`."
    source = "CPL New Entry Form: one coding (BCD or hexadecimal) used consistently for firmware versions"
    field = "firmware_version"


class SmetsVersionMissing(Refusal):
    """The SMETS or CHTS version is missing."""

    suggestion = "Give it as the entry has it, such as SMETS V5.0: it is part of the entry's key."
    source = "MP202; DUIS 12.2: SMETSCHTSVersion"
    field = "smets_version"


class VariantUnknown(Refusal):
    """This is not an ESME Variant of DUIS 5.4."""

    suggestion = "Write one of its letters' combinations, such as A, BD or ADE, or leave it empty."
    field = "esme_variant"


class VariantOfAnother(Refusal):
    """Only an ESME has an ESME Variant, and this is a {device_type}."""

    suggestion = "Leave it empty."
    field = "esme_variant"


class StatusUnknown(Refusal):
    """This is not a status of an entry."""

    suggestion = "Write Active, Cancelled, Expired or Withdrawn, or leave it empty for Active."
    field = "status"


class AddedInTheFuture(Refusal):
    """The entry was added on {added_date}, which is still to come."""

    suggestion = "Import the list from that day on, or correct the date."
    field = "added_date"


class TooLong(Refusal):
    """This has more than {longest} characters."""

    suggestion = "Shorten it."


class TooManyRows(Refusal):
    """The file has more than {most} lines."""

    suggestion = "Check that it is the Central Products List; the whole list has some thousands of entries."


class SameEntryTwice(Refusal):
    """The same product, firmware and SMETS version stand in line {first} already."""

    suggestion = "Leave one of the two lines out."
    source = "MP202: the key is device type, manufacturer, model, hardware, firmware and SMETS version"
    field = "firmware_version"


class SameFirmwareTwice(Refusal):
    """The same firmware of this product stands in line {first} already; MP202 is switched off."""

    suggestion = "Keep one line for each firmware. Two, told apart by their SMETS version, come with MP202."
    source = "S202: before MP202 the SMETS version is no part of the key"
    field = "smets_version"


class TooLarge(Refusal):
    """The file is larger than {most} MB."""

    suggestion = "Check that it is the Central Products List; the whole list has some thousands of entries."


class NoEntries(Refusal):
    """The file has no entry at all."""

    suggestion = "Send the full list: what it does not name is taken off the list, and its devices are suspended."


class ManyRemoved(Refusal):
    """{removed} of the {listed} entries on the list are not in the file, and would be removed."""

    suggestion = "Check that it is the full list. If it is, say so: `--remove-many`, or the tick on the page."
    source = "Ours: a removed entry suspends every device of its model"


REFUSALS: tuple[type[Refusal], ...] = (
    NotReadable,
    WrongColumns,
    WrongNumberOfValues,
    TooLarge,
    TooManyRows,
    DeviceTypeUnknown,
    NotOnTheList,
    NotHexadecimal,
    TooLong,
    NotInOneCoding,
    CodingUnknown,
    CodingsMixed,
    NotBcd,
    SmetsVersionMissing,
    VariantUnknown,
    VariantOfAnother,
    StatusUnknown,
    NotADate,
    AddedInTheFuture,
    SameEntryTwice,
    SameFirmwareTwice,
    NoEntries,
    ManyRemoved,
)
"""In the order of the reference page."""
