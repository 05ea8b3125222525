"""What we say by e-mail about batches: one e-mail for the whole work pack, whatever its size."""

from collections.abc import Sequence
from datetime import date

from incidents import notices
from incidents.emails.many import MOST_LISTED, many
from incidents.models import WorkPack

__all__ = ["MOST_LISTED", "installer_asked"]


def installer_asked(
    pack: WorkPack, references: Sequence[str], total: int, *, to: Sequence[str], due_date: date
) -> None:
    """Tell the installing supplier that `total` requests, of which some are listed, await its answers (MP121)."""
    how_many = f"{total:,} request{'' if total == 1 else 's'}"
    many(
        notices.PACK_ASKED,
        title=f"Work pack {pack.reference}: please answer {how_many}",
        sentence=f"You are asked to answer {how_many} for install codes, in one work pack.",
        what_to_do="Open the work pack to answer them one after the other, or by a file.",
        requests=references,
        total=total,
        to=to,
        about=WorkPack.audit_name,
        reference=pack.reference,
        due_date=due_date,
        opens=pack.reference,
    )
