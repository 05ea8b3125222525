"""Service Requests that were sent to devices, and the response that each awaits.

Nothing moves when a device is asked; it moves when the answer says that it did (docs/adr/0015). Responses carry
the RequestID of what they answer, and that is all there is to match them by.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from inventory import holds
from inventory.actions.service_requests.refusals import (
    AnswerOfAnotherSrv,
    DatedAhead,
    FutureDated,
    NoRequest,
    RequestDoubled,
    ResponseDoubled,
    ResponseTooEarly,
)
from inventory.duis.messages import RequestId
from inventory.models import AwaitedResponse
from inventory.rules import ServiceRule
from ssi.eui64 import Eui64

PRE_COMMAND_ASKED: Final = 4
PRE_COMMAND_SIGNED: Final = frozenset({5, 6, 7})

HEARD_TWICE: Final = "8.11"
"""The hub responds, and the DCC tells the outcome by alert N24 or N25: either may come first."""

_CONTRADICTION: Final = frozenset({"I0", "N25"})
"""The hub's word that it did what an 8.11 asked, and the DCC's that it did not: whichever comes first stands."""

CLOCKS_DIFFER: Final = timedelta(days=1)
"""A response or alert may be dated so far ahead of the clock here."""

CATCHING_UP: Final = timedelta(days=366)
"""A response may be dated so long before its request came here.

A request carries no date, so when it came has to stand for it; and the feed may bring both late: after an outage,
or played again into a new copy of the portal.
"""


def refuse_future(execute_at: datetime | None, *, at: datetime) -> None:
    """Raise FutureDated for a request that is to be carried out later than `at`."""
    if execute_at is not None and execute_at > at:
        raise FutureDated


def refuse_ahead(dated: datetime, *, at: datetime) -> None:
    """Raise DatedAhead for a response or alert that is dated well after `at`. Old ones pass: see CATCHING_UP."""
    if dated > at + CLOCKS_DIFFER:
        raise DatedAhead(dated=_in_words(dated))


def await_response(
    request_id: RequestId,
    rule: ServiceRule,
    *,
    command_variant: int,
    device_id: Eui64,
    facts: Mapping[str, object],
    at: datetime,
) -> None:
    """Keep a request that was checked until its response comes; raises RequestDoubled.

    `device_id` is the device that will move; `facts` is what the body said of it, never an install code. A signed
    pre-command (Command Variant 5 to 7) goes on with the request that asked for it (4), under the same RequestID.
    Housekeeping leaves the device in the inventory while its response is awaited.
    """
    holds.keep([device_id])
    kept = {"command_variant": command_variant, **facts}
    if command_variant in PRE_COMMAND_SIGNED:
        asked = _rows(request_id).filter(srv=rule.srv, answered_at=None).first()
        if asked is not None and asked.facts.get("command_variant") == PRE_COMMAND_ASKED:
            asked.facts, asked.sent_at = kept, at
            asked.save(update_fields=["facts", "sent_at"])
            return
    try:
        with transaction.atomic():
            AwaitedResponse.objects.create(
                originator=request_id.originator,
                target=request_id.target,
                counter=request_id.counter,
                srv=rule.srv,
                device_id=device_id,
                facts=kept,
                sent_at=at,
            )
    except IntegrityError:
        raise RequestDoubled from None


def claim(request_id: RequestId, srv: str, *, code: str, responded_at: datetime) -> AwaitedResponse:
    """Return the request that a message with `code` answers, locked; `srv` is "" where the message names none.

    A request is answered once, but for 8.11: of that both the hub's response and the DCC's alert tell. After N25
    an I0 comes too late, and after I0 an N25; E20 and N24 go together, for the hub may answer late. Raises
    NoRequest, AnswerOfAnotherSrv, ResponseDoubled or ResponseTooEarly.
    """
    rows = list(_rows(request_id))
    if not rows:
        raise NoRequest
    of_srv = [row for row in rows if not srv or row.srv == srv]
    if not of_srv:
        raise AnswerOfAnotherSrv(given=srv, sent=rows[0].srv)
    awaited = next((row for row in of_srv if _awaits(row, code)), None)
    if awaited is None:
        raise ResponseDoubled(code=of_srv[0].code)
    if responded_at < awaited.sent_at - CATCHING_UP:
        raise ResponseTooEarly(responded_at=_in_words(responded_at))
    return awaited


def settle(awaited: AwaitedResponse, code: str, *, at: datetime) -> None:
    """Note that a claimed request was answered, and how."""
    awaited.answered_at = awaited.answered_at or at
    awaited.code = f"{awaited.code} {code}".strip()
    awaited.save(update_fields=["answered_at", "code"])


def _rows(request_id: RequestId) -> QuerySet[AwaitedResponse]:
    """Return the requests sent under a RequestID, the latest first, to be locked."""
    return (
        AwaitedResponse.objects.select_for_update(no_key=True)
        .filter(originator=request_id.originator, target=request_id.target, counter=request_id.counter)
        .order_by("-id")
    )


def _awaits(row: AwaitedResponse, code: str) -> bool:
    if row.answered_at is None:
        return True
    if row.srv != HEARD_TWICE or {row.code, code} == _CONTRADICTION:
        return False
    return _is_alert(row.code) != _is_alert(code) and " " not in row.code


def _is_alert(code: str) -> bool:
    """Tell the code of a DCC alert (N24) from a response code (I0, E20)."""
    return code.startswith("N")


def _in_words(moment: datetime) -> str:
    return timezone.localtime(moment).strftime("%d %b %Y, %H:%M")
