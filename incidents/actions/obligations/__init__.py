"""What moves the obligation clock: showing a request starts it, the calendar shifts it, reminders follow it."""

from incidents.actions.obligations.recounting import recount
from incidents.actions.obligations.reminding import send_reminders
from incidents.actions.obligations.showing import (
    show_awaiting,
    show_every_one,
    show_of_device,
    show_oldest,
    show_one,
    show_pack,
    show_page,
    show_page_of_pack,
)

__all__ = [
    "recount",
    "send_reminders",
    "show_awaiting",
    "show_every_one",
    "show_of_device",
    "show_oldest",
    "show_one",
    "show_pack",
    "show_page",
    "show_page_of_pack",
]
