"""What people are written to about requests: to whom, when, and whether they may have it later or not at all.

The e-mails stand in `incidents/emails/`. MP121 has updates of a request told by e-mail, and the legal clock runs
from the notice alone (SEC App AC 4.16(c)), so what starts or concerns a clock may not wait, nor be turned off.
"""

from ssi.access.components import Component
from ssi.notifications.notices import Notice, Pace, declare

ANSWERERS = (Component.INSTALL_CODE_REQUEST_RESPOND,)
RAISERS = (Component.INSTALL_CODE_REQUEST_RAISE,)

CLOCK = "The five Working Days for the answer run from it (SEC App AC 4.16(c))."

INSTALLER_ASKED = declare(
    Notice(
        event="install_code_request.installer_asked",
        name="We are asked for an install code",
        when="A request is assigned, re-routed or returned to an installing supplier. Delivery starts the clock.",
        to="The installing supplier: those who may answer requests.",
        least=Pace.AT_ONCE,
        because=CLOCK,
        reaches=ANSWERERS,
    )
)
PACK_ASKED = declare(
    Notice(
        event="work_pack.installer_asked",
        name="We are asked for many install codes at once",
        when="All requests of a list that are for us are raised: one e-mail. Delivery starts their clocks.",
        to="The installing supplier: those who may answer requests.",
        least=Pace.AT_ONCE,
        because=CLOCK,
        reaches=ANSWERERS,
    )
)
ANSWERED = declare(
    Notice(
        event="install_code_request.answered",
        name="Our request is answered",
        when="The installing supplier, or a code in escrow, answered a request.",
        to="The raiser: those who may work with its requests.",
        least=Pace.DAILY,
        because="DCC must pass the answer on (SEC App AC 4.16(d)).",
        reaches=RAISERS,
    )
)
DECLINED = declare(
    Notice(
        event="install_code_request.declined",
        name="Our request was declined",
        when="The installing supplier cannot answer, and the DCC service desk looks for one that can.",
        to="The raiser: those who may work with its requests.",
        reaches=RAISERS,
    )
)
CLOSED = declare(
    Notice(
        event="install_code_request.closed",
        name="A request we answered is closed",
        when="The raiser closed a request with what became of the code.",
        to="The installing supplier: those who may answer requests.",
        reaches=ANSWERERS,
    )
)
WITHDRAWN = declare(
    Notice(
        event="install_code_request.withdrawn",
        name="A request to us is withdrawn",
        when="The raiser withdrew a request before it was answered.",
        to="The installing supplier that was asked: those who may answer requests.",
        reaches=ANSWERERS,
    )
)
UNLOCKED = declare(
    Notice(
        event="install_code_request.unlocked",
        name="We may read a code again",
        when="A code was read as often as it may be, and the DCC service desk unlocked it.",
        to="The raiser: those who may work with its requests.",
        reaches=RAISERS,
    )
)
RELIEVED = declare(
    Notice(
        event="install_code_request.relieved",
        name="A request to us is no longer with us",
        when="The DCC service desk re-routed a request that was waiting for the installing supplier's answer.",
        to="The supplier that was asked before: those who may answer requests.",
        least=Pace.AT_ONCE,
        because="It lifts a due date, and the request's page no longer opens to show that.",
        reaches=ANSWERERS,
    )
)
NOTE_ADDED = declare(
    Notice(
        event="install_code_request.note_added",
        name="A note was added",
        when="Somebody of another company, or the DCC service desk, wrote a note on a request.",
        to="The other side, or both if the desk wrote: those who may work with the request.",
        reaches=(*ANSWERERS, *RAISERS),
    )
)
REMINDER = declare(
    Notice(
        event="install_code_request.reminder",
        name="Answers of ours are due soon",
        when="Three Working Days before an answer is due, one before, and on the day: one e-mail a day.",
        to="The installing supplier: those who may answer requests.",
        least=Pace.AT_ONCE,
        because="A reminder of the legal clock that came later would come too late (SEC App AC 4.16(c)).",
        reaches=ANSWERERS,
    )
)
OVERDUE = declare(
    Notice(
        event="install_code_request.overdue",
        name="Requests became overdue",
        when="The Working Day after answers were not given by their due date: one e-mail a day.",
        to="The DCC service desk.",
        least=Pace.AT_ONCE,
        because="The desk watches over the legal clock (SEC App AC 4.16(c)), and this is a summary already.",
        reaches=(Component.SERVICE_DESK,),
    )
)
FROM_ESCROW = declare(
    Notice(
        event="install_code_request.answered_from_escrow",
        name="Codes of ours in escrow answered requests",
        when="Each Working Day in the morning, if deposited codes answered requests since the last one.",
        to="The depositor: those who may answer requests.",
        reaches=ANSWERERS,
    )
)
CONTRADICTED = declare(
    Notice(
        event="install_code_request.claim_contradicted",
        name="Registration data contradict raisers",
        when="Each night, if registration data newly name another supplier than the raiser: one e-mail a day.",
        to="The DCC service desk.",
        reaches=(Component.SERVICE_DESK,),
    )
)
ASKS_MORE = declare(
    Notice(
        event="party.asks_more_than_it_gains",
        name="A party asks for far more than it gains",
        when="Each night, if a party asked for far more codes than it gained meter points: one a party and week.",
        to="The DCC service desk.",
        reaches=(Component.SERVICE_DESK,),
    )
)
SETTLED = declare(
    Notice(
        event="install_code_request.settled",
        name="The device of a request of ours needs no code any more",
        when="A device became Commissioned or Decommissioned, or left the inventory, while a request was open.",
        to="The raiser: those who may work with its requests. One e-mail for all that are found together.",
        reaches=RAISERS,
    )
)
