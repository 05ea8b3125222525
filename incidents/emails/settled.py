"""What we ask the raiser when the device of a request needs no install code any more."""

from collections.abc import Sequence

from incidents import notices
from incidents.emails.many import many
from ssi.eui64 import Eui64
from ssi.web.templatetags.ssi import count_of


def still_needed(references: Sequence[str], *, user_id: Eui64, to: Sequence[str]) -> None:
    """Ask the raiser whether to close or withdraw requests whose device has settled."""
    one = len(references) == 1
    number = "1 request" if one else f"{count_of(len(references))} requests"
    many(
        notices.SETTLED,
        title=f"Install codes: {number} of yours that may need no answer any more",
        sentence=f"Since you asked, {'the device' if one else 'each device'} of {number} was commissioned or "
        "decommissioned, or left the inventory, so that the code is hardly needed any more.",
        what_to_do="Close what is answered, with what became of the code, and withdraw the rest; or leave it open "
        "if you do need the code. You are not asked again about the same status.",
        requests=references,
        to=to,
        about="user_id",
        reference=str(user_id),
    )
