"""The page of SM WAN coverage in `docs/reference`, written from what the import reads and refuses."""

from inventory.actions.coverage.findings import REFUSALS
from inventory.actions.coverage.reading import COLUMNS

_HEAD = """# SM WAN coverage

What the providers of the SM WAN expect of the connection at each place: imported by DCC with

    .venv/bin/python manage.py import_coverage FILE.csv [--dry-run]

from a CSV file with commas, in UTF-8, whose first line names the columns in any order. The file is a full set: it
takes the place of the one before in one go, and whoever looks meanwhile sees the former one. The same file again
changes nothing. A place may have a line for each region, such as `Central` and `4G Central`; the regions are taken
as the file has them, and none is worked out from anything else.

A file in which anything is wrong is rejected whole, with one line of JSON on standard output for each finding
(`line`, `field`, `message`, `suggestion`) and a summary on standard error. `--dry-run` checks and counts the same
and changes nothing. Exit status 0: applied, or it was there already. 1: rejected, or the file could not be opened.

The page SM WAN coverage looks places up by postcode or UPRN, and Service Request 12.1 is answered from the same
data. Where the provider does not know the variant of the technology it sends a blank or a single space. The value
is kept so, and goes so into files and answers; on screen it reads “Unknown” while the switch `MP106` is on.
"""

_EXAMPLE = """
    csp_region,post_code,address_identifier,uprn,coverage_availability,anticipated_coverage_date,wan_technology,connectivity_likelihood,auxiliary_equipment_required,additional_information
    North,NL1 4QX,,,true,,LRR,High,,
    4G Central,BG2 7TR,12 Alder Row,100012345678,false,2027-03-31, ,Low,Aerial,Mast planned
"""


def page() -> str:
    """Return the page: the columns, an example, and every finding with its way out."""
    columns = [f"| `{name}` | {meaning} |" for name, meaning in COLUMNS.items()]
    findings = [
        f"| {f'`{each.field}`' if each.field else ''} | {_in_table((each.__doc__ or '').splitlines()[0])} "
        f"| {_in_table(each.suggestion)} |"
        for each in REFUSALS
    ]
    return "\n".join(
        [
            _HEAD,
            "## Columns",
            "",
            "| Column | What stands in it |",
            "|---|---|",
            *columns,
            "",
            "An example:",
            _EXAMPLE,
            "## Findings",
            "",
            "| Field | Message | What to do |",
            "|---|---|---|",
            *findings,
            "",
        ]
    )


def _in_table(text: str) -> str:
    return text.strip().replace("{", "<").replace("}", ">")
