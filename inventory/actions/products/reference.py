"""The page of the Central Products List in `docs/reference`, written from what the import reads and refuses."""

from inventory.actions.products.findings import REFUSALS
from inventory.actions.products.reading import COLUMNS, NEEDED
from ssi.refusals import Refusal

_HEAD = """# Central Products List

Which products may be installed: imported by DCC at Central Products List, Import, or by

    .venv/bin/python manage.py import_cpl FILE.csv [--dry-run] [--remove-many]

from a CSV file with commas, in UTF-8, whose first line names the columns in any order. It is a **full list**:
an entry that is not in the file is removed from the list. An entry is known by its device type, manufacturer,
model, hardware version, firmware version and SMETS version (MP202; with that switched off, the SMETS version is
no part of the key and two lines of one firmware are a finding). The same file again changes nothing. What
happened to each entry by which import is kept, with the SHA-256 of the file.

A file in which anything is wrong is rejected whole, with one line of JSON on standard output for each finding
(`line`, `field`, `message`, `suggestion`) and a summary on standard error. Exit status 0: applied, or
everything was there already. 1: rejected, or the file could not be opened. A list that lacks more than half of
the entries is rejected unless `--remove-many`, or the tick on the page, says that this is meant.

## What follows for devices

A worker suspends every InstalledNotCommissioned or Commissioned ESME, GSME, PPMID, HCALCS and CHF whose Device
Model was removed (MP105), in batches of 5,000 that commit, and tells its Responsible Suppliers by DCC alert N28
in their audit trail. Once the product is on the list again, each that the list had suspended returns to the
status it had before, told by N29; what was suspended for another reason stays so. Where no history tells, it
returns to Commissioned if it has a commissioned date, else to InstalledNotCommissioned.
`--dry-run` says how many devices would follow and how many meter points they have, for each entry and in all,
and in how many files of 20,000, the most an MPAS takes at once.

A Device Model belongs to an entry of the same type, manufacturer, model with hardware version and firmware
version and, with MP202, SMETS version. One whose version is not known, or known as `SMETS1` or `SMETS2+` alone,
belongs to every entry that this fits. A GPF goes with its hub's entry, but is never suspended by it. The status
of an entry (Active, Cancelled, Expired, Withdrawn) is shown and suspends nothing: what counts is whether the
entry is there. The Device Models of a removed entry read Withdrawn.
"""

_EXAMPLE = """
    device_type,manufacturer_id,model_identifier,hardware_version,firmware_version,smets_version,added_date
    ESME,2F01,41A0,0102,00020311,SMETS V4.2,2024-03-01
    PPMID,7E02,0A01,0001,00010203,SMETS V4.2,2024-03-01
    PPMID,7E02,0A01,0001,00010203,SMETS1,2024-05-13
"""


def page() -> str:
    """Return the page: the columns, an example, and every finding with its way out."""
    columns = [
        f"| `{name}` | {'yes' if name in NEEDED else ''} | {meaning} |" for name, meaning in COLUMNS.items()
    ]
    findings = [f"| {_cell(each.field)} | {_sentence(each)} | {_in_table(each.suggestion)} |" for each in REFUSALS]
    return "\n".join(
        [
            _HEAD,
            "## Columns",
            "",
            "| Column | Needed | What stands in it |",
            "|---|---|---|",
            *columns,
            "",
            "A product without a hardware version leaves it empty. An example:",
            _EXAMPLE,
            "## Findings",
            "",
            "| Field | Message | What to do |",
            "|---|---|---|",
            *findings,
            "",
        ]
    )


def _cell(field: str | None) -> str:
    return f"`{field}`" if field else ""


def _sentence(refusal: type[Refusal]) -> str:
    return _in_table((refusal.__doc__ or "").strip().splitlines()[0])


def _in_table(text: str) -> str:
    return text.replace("{", "<").replace("}", ">")
