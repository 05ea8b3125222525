"""What can be wrong with a signed file: every code once, with what to do about it.

Codes F01 to F63 reject the file as a whole; W50 and W51 must be checked by a person before it is submitted. The
catalogue is ours, version 1.0 (domain 6.3). `docs/reference/signed-files.md` is written from it.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Code:
    """A code of the catalogue: what it is about, and what to do where the finding says nothing better."""

    code: str
    about: str
    suggestion: str


CATALOGUE: Final = {
    each.code: each
    for each in (
        Code(
            "F01",
            "The reference is unknown",
            "Write NEW in the header and in the file's name, or the reference of a file the portal prepared.",
        ),
        Code(
            "F02",
            "The reference belongs to a file of another kind",
            "Use the file that the portal prepared for this purpose, or write NEW.",
        ),
        Code("F03", "The reference is not open any more", "Prepare the file again, sign that one and upload it."),
        Code(
            "F04",
            "The file, its reference or a later one was used already",
            "Make a new file with a new creation time, and sign that.",
        ),
        Code(
            "F05",
            "The file's name",
            "Name it <ADT or EQF>_<User ID, 16 hex digits>_<reference or NEW>_<yyyymmddThhmmssZ>.csv.",
        ),
        Code(
            "F06",
            "The file's size",
            "Send a file of at least one byte and at most 100 MB and 1,000,000 lines; split it if it is larger.",
        ),
        Code("F07", "The file's encoding", "Save it as UTF-8 without a byte order mark, and sign that."),
        Code(
            "F08", "The file's lines", "End every line, the last one too, with CR LF, and quote as RFC 4180 says."
        ),
        Code(
            "F09",
            "Malware",
            "Do not open it. Find out where it came from; tell your security team and the DCC service desk.",
        ),
        Code("F10", "The signature is missing", "Sign the file and send the signature file with it."),
        Code(
            "F11",
            "The signature is not over this file",
            "Sign the very file that you send, and send the signature made for it.",
        ),
        Code(
            "F12",
            "The certificate is not trusted",
            "Sign with a File Signing Certificate issued under the IKI, and send its chain in the signature file.",
        ),
        Code(
            "F13",
            "The certificate is out of date or revoked",
            "Sign with a certificate that is in date and not revoked.",
        ),
        Code(
            "F14",
            "The signer is no confirmed ARO of the User",
            "Let an ARO of your party sign whom DCC has confirmed, with the certificate of this User ID.",
        ),
        Code("F20", "The header", "Begin the file with its H record, as the reference page shows it."),
        Code("F21", "The format version", "Write the file in format version 1.0."),
        Code(
            "F22",
            "The User ID",
            "Use one and the same User ID in the name, in the header and in the portal, where you act for it.",
        ),
        Code("F23", "The User Role", "Use a User Role that the User ID is registered in."),
        Code("F24", "Another field of the header", "Correct the field as the reference page shows it."),
        Code(
            "F30",
            "A record is not well-formed",
            "Write the record as the reference page shows it, and number the lines of D records from 1.",
        ),
        Code("F31", "The Service Reference Variant", "Use one that DUIS has."),
        Code(
            "F32",
            "The User Role may not send this",
            "Leave the record out: this User Role cannot send such messages.",
        ),
        Code(
            "F33",
            "The same threshold comes twice",
            "Keep one of the records; exceptions of one threshold must not overlap.",
        ),
        Code(
            "F34", "A value that is none of those allowed", "Use one of the values that the reference page lists."
        ),
        Code("F35", "A number", "Write digits alone: warning from 0, or empty; quarantine from 1."),
        Code(
            "F36",
            "The warning threshold is not below the quarantine threshold",
            "Lower the warning threshold, or raise the quarantine threshold.",
        ),
        Code(
            "F37",
            "Dates",
            "Write dates as 2026-08-26; an exception has both dates, the second not before the first.",
        ),
        Code(
            "F40",
            "The trailer's count",
            "End the file with one T record that counts its D records: a missing one means the file was cut off.",
        ),
        Code(
            "F41",
            "The trailer's hash",
            "Put the SHA-256 of all bytes before the T record into it: the file was changed afterwards.",
        ),
        Code(
            "W50", "Far above what is expected", "Check that the number is meant, then say so before you submit."
        ),
        Code(
            "W51",
            "Below what was sent in the last 90 days",
            "Check that messages are meant to be held, then say so before you submit.",
        ),
        Code(
            "F60",
            "The RequestID is not quarantined in this event",
            "Leave it out; the page of the event lists those that are.",
        ),
        Code(
            "F61",
            "The RequestID is another User's",
            "Decide about your own communications alone: their RequestIDs begin with your User ID.",
        ),
        Code("F62", "The RequestID comes twice", "Keep one of the records."),
        Code(
            "F63",
            "A quarantined RequestID is missing",
            "Decide about every communication of the event in one file; the page of the event builds it.",
        ),
    )
}


@dataclass(frozen=True, slots=True)
class Found:
    """One finding: its code, the line of the file (0: the file as a whole), the field, and what is wrong.

    `message` says it in a sentence, with the value at fault where that helps; `suggestion` is the catalogue's
    unless given.
    """

    code: str
    message: str
    line: int = 0
    field: str = ""
    suggestion: str = ""

    def __post_init__(self) -> None:
        if self.code not in CATALOGUE:
            raise ValueError(f"{self.code} is not in the catalogue.")

    @property
    def is_warning(self) -> bool:
        """Tell whether it must only be checked, and rejects nothing."""
        return self.code.startswith("W")

    @property
    def way_out(self) -> str:
        """Return what to do about it."""
        return self.suggestion or CATALOGUE[self.code].suggestion
