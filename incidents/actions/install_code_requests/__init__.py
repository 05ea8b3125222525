"""Everything that can be done with a Request for Install Code, one verb a function."""

from incidents.actions.install_code_requests.answering import answer, decline
from incidents.actions.install_code_requests.closing import close, withdraw
from incidents.actions.install_code_requests.desk import reroute
from incidents.actions.install_code_requests.notes import add_note
from incidents.actions.install_code_requests.notice import notice_given
from incidents.actions.install_code_requests.raising import (
    Preview,
    check_device,
    check_one,
    raise_for_device,
    raise_one,
)
from incidents.actions.install_code_requests.revealing import RevealPermit, open_code, permit_reveal
from incidents.actions.install_code_requests.unlocking import unlock

__all__ = [
    "Preview",
    "RevealPermit",
    "add_note",
    "answer",
    "check_device",
    "check_one",
    "close",
    "decline",
    "notice_given",
    "open_code",
    "permit_reveal",
    "raise_for_device",
    "raise_one",
    "reroute",
    "unlock",
    "withdraw",
]
