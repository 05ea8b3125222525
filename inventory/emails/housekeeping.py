"""What we say of a run of housekeeping: one e-mail for each party, with a link to its notice."""

from collections.abc import Sequence
from datetime import date

from inventory import notices
from inventory.models import HousekeepingNotice
from ssi.notifications import outbox
from ssi.notifications.writing import link_to, written
from ssi.web.templatetags.ssi import number
from ssi.working_days import day_in_words


def devices_removed(notices_to: Sequence[tuple[HousekeepingNotice, Sequence[str]]], *, run_date: date) -> None:
    """Tell parties how many of their devices a run removed, in the caller's transaction."""
    outbox.post_each(
        [(_of_one(notice, run_date), notice.reference, to) for notice, to in notices_to],
        about=HousekeepingNotice.audit_name,
    )


def _of_one(notice: HousekeepingNotice, run_date: date) -> outbox.Email:
    one = notice.removed == 1
    devices = "1 Pending device" if one else f"{number(notice.removed)} Pending devices"
    return written(
        notices.HOUSEKEEPING_REMOVED,
        subject=f"{notice.reference}: housekeeping removed {devices}",
        template="inventory/emails/housekeeping_removed",
        sentence=f"On {day_in_words(run_date)} housekeeping removed {devices} that your company pre-notified from "
        f"the Smart Metering Inventory: {'it was' if one else 'they were'} never installed.",
        link=link_to(notice.reference),
        link_text="Show the devices",
        why="You get this because you may correct your company's devices in the inventory.",
    )
