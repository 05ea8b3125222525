"""What can be wrong with a file of registration data: each finding names the line, the field, and the way out."""

from dataclasses import dataclass

from ssi.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with a file; `line` counts from 1, the header's, and is 0 for the file as a whole."""

    line: int
    field: str
    message: str
    suggestion: str

    @classmethod
    def of(cls, line: int, refusal: Refusal) -> "Finding":
        """Return what `refusal` says of a line."""
        return cls(line, refusal.field or "", refusal.message, refusal.way_out)


class NotReadable(Refusal):
    """The file cannot be read as CSV in UTF-8 from here on: {problem}."""

    suggestion = "Save it as CSV with commas, in UTF-8, and send it again."


class WrongColumns(Refusal):
    """The first line does not name the columns: {problem}."""

    suggestion = "Write these names into the first line, in any order: {columns}."


class WrongNumberOfValues(Refusal):
    """The line has {found} values, and the first line names {expected} columns."""

    suggestion = "Leave what is empty between two commas, and put a value with a comma in double quotes."


class NotAnMpxn(Refusal):
    """This is neither an MPAN of 13 digits nor an MPRN of 1 to 10."""

    suggestion = "Give the digits alone; an MPAN's core, without profile class and meter timeswitch code."
    source = "DUIS schema: ImportMPxN; domain 8.3"
    field = "mpxn"


class KindUnknown(Refusal):
    """There is no such kind of registration."""

    suggestion = "Give IS, ES or GS for a supplier, ED or GT for a network operator."
    field = "kind"


class KindOfTheOtherFuel(Refusal):
    """{kind} is not registered at an {number}."""

    suggestion = "IS, ES and ED are registered at an MPAN of 13 digits, GS and GT at an MPRN of up to 10."
    field = "kind"


class NotAUserId(Refusal):
    """This is not a User ID."""

    suggestion = "Give its 16 digits (0-9 and A-F), such as 90-B3-D5-1F-30-01-00-00."
    field = "user_id"


class UserIdUnknown(Refusal):
    """{user_id} is not registered here."""

    suggestion = "Check it; if it is right, the DCC service desk registers the User ID first."
    field = "user_id"


class NotADate(Refusal):
    """This is not a date of the calendar."""

    suggestion = "Write year, month and day, such as 2026-08-26."


class EndsBeforeItBegins(Refusal):
    """The registration ends on {to_date}, before it begins on {from_date}."""

    suggestion = "`to_date` is its last day. To take a registration back, write `yes` under `cancelled`."
    field = "to_date"


class NeitherYesNorNo(Refusal):
    """This is neither yes nor no."""

    suggestion = "Write `yes` to take the registration back, else leave it empty."
    field = "cancelled"


class GivenTwice(Refusal):
    """The registration of this meter point, kind and first day stands in line {first} already."""

    suggestion = "Leave one of the two lines out."
    field = "from_date"


class Overlaps(Refusal):
    """The registration overlaps with the one of {user_id} that begins on {from_date}{where}."""

    suggestion = "Add a line that ends or cancels the one that is over, or correct the dates."
    field = "from_date"


REFUSALS: tuple[type[Refusal], ...] = (
    NotReadable,
    WrongColumns,
    WrongNumberOfValues,
    NotAnMpxn,
    KindUnknown,
    KindOfTheOtherFuel,
    NotAUserId,
    UserIdUnknown,
    NotADate,
    EndsBeforeItBegins,
    NeitherYesNorNo,
    GivenTwice,
    Overlaps,
)
"""In the order of the reference page."""
