"""The page of registration data in `docs/reference`, written from what the import reads and refuses."""

from inventory.actions.registrations.findings import REFUSALS
from inventory.actions.registrations.reading import COLUMNS
from ssi.refusals import Refusal

_HEAD = """# Registration data

Who is the supplier of a meter point, who runs its network, from when to when: imported by

    .venv/bin/python manage.py import_registrations FILE.csv [--dry-run]

from a CSV file with commas, in UTF-8, whose first line names the columns in any order. Each line states one
registration, known by its meter point, its kind and its first day: a line for a registration that is there
already changes its User ID or its last day, or takes it back; what the file does not name stays as it is. So
the same file twice changes nothing, and a change of supplier is two lines: the old registration with its last
day, and the new one.

At one meter point registrations of one kind must not overlap, neither in the file nor with what is there. A
file in which anything is wrong is rejected whole, with one line of JSON on standard output for each finding
(`line`, `field`, `message`, `suggestion`) and a summary on standard error. `--dry-run` checks and counts the
same and changes nothing. Exit status 0: applied, or everything was there already. 1: rejected, or the file
could not be opened. Check digits are not enforced, since published data fail them.

The data tell whether who asked for an install code was or became the supplier of that meter point, who the
Responsible Supplier of a device is (from the first day of a registration on, without anything being run), and who
sees the address and UPRN of a meter point: parties with a registration for it that runs or is agreed, and DCC.
"""

_EXAMPLE = """
    mpxn,kind,user_id,from_date,to_date
    1200031501010,IS,90-B3-D5-1F-30-01-00-00,2024-03-01,2026-11-30
    1200031501010,IS,90-B3-D5-1F-30-03-00-00,2026-12-01,
    3938424403,GS,90-B3-D5-1F-30-03-00-00,2026-12-01,
"""


def page() -> str:
    """Return the page: the columns, an example, and every finding with its way out."""
    columns = [f"| `{name}` | {meaning} |" for name, meaning in COLUMNS.items()]
    findings = [f"| {_cell(each.field)} | {_sentence(each)} | {_in_table(each.suggestion)} |" for each in REFUSALS]
    return "\n".join(
        [
            _HEAD,
            "## Columns",
            "",
            "| Column | What stands in it |",
            "|---|---|",
            *columns,
            "",
            "`cancelled` may be left out. An example:",
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
    return text.replace("{where}", "").replace("{", "<").replace("}", ">")
