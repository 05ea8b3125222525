"""Writes `docs/reference/duis-answers.md` from the refusals and handlers themselves."""

import re
from collections.abc import Iterator
from typing import Final

from inventory.actions.service_requests.answering import HANDLERS
from inventory.actions.service_requests.applied import ACCEPTED, SUCCESS
from inventory.actions.service_requests.responding import EFFECTS
from inventory.duis.refusals import DuisRefusal, Unreadable
from inventory.rules import RULES, ServiceRule
from ssi.access.roles import UserRole

_WITH_PAYLOAD: Final = frozenset({"8.2", "12.1"})

_HEAD: Final = """# Answers to DUIS messages

`manage.py import_duis PATH…` applies DUIS messages to the inventory: files or folders, `-` for standard input.
A folder is read by name, with the folders in it; names that start with a dot are passed over. Each file is one
message and gets one line of JSON on standard output, as soon as it is read:

| key | what it holds |
|---|---|
| `file` | the path, or `-` |
| `request_id` | RequestID as the message has it, "" where there is none or it is not well-formed |
| `srv` | Service Reference Variant, "" where there is none |
| `response_code` | DUIS's code where its meaning is known, else one of ours, which begin with `SSI-` |
| `detail` | what was done, or why not |
| `suggestion` | what to do about it; "" when the message was applied |

All six are always there, and are texts. A message is applied whole or not at all, in one transaction. Exit
status 0: every message got an answer, and a refusal is an answer. 1: at least one file could not be read as
DUIS at all (the table says which codes these are); it has its line all the same. `--dry-run` gives the same
answers, each message seeing what the ones before it would have done, and leaves nothing behind.

## What is applied

DUIS 5.0 and later 5.x are read; in a version after 5.4, elements unknown here are passed over, in others they are
refused. Every other Service Request is answered as not handled yet, whoever sent it.

| message | for User Roles | Command Variant | success | the device must be | what it does |
|---|---|---|---|---|---|
{requests}
A request to a device is acknowledged with I99 and moves nothing; what the table says happens when the device
answers I0 under the same RequestID. The first half of a critical request (Command Variant 4) asks for its
pre-command, the second brings it signed (5, 6, 7) under the same RequestID. In which status a device takes which
request is told in [device-status.md](device-status.md).

| message | success | what it does |
|---|---|---|
| Response to a request to a device, I0 | I0 | what was asked, unless the device moved meanwhile so that there is nothing to do |
| … any other code | I0 | nothing; I99 and a pre-command leave the request waiting for its answer |
| Response 8.2 with a DSPInventory | I0 | devices that are not in the inventory yet enter with all the answer says of them; others are left unchanged |
| DCC alert UpdateHANDeviceLogResult | I0 | N24: what the 8.11 asked; N25: nothing. The hub's own response may come before or after it; once N25 came its I0 is refused, and once its I0 came N25 is |
| DCC alert DeviceStatusChangeEvent | I0 | the device becomes what the alert says: suspended, restored, decommissioned, recovering, recovered; removed if it is Pending (N8) |
| DCC alert QuarantinedRequest | I0 | the request is held under its QuarantineEventRef until its User decides ([signed files](signed-files.md)); told again, nothing |
| Device alert 8183 | I0 | a Whitelisted device becomes InstalledNotCommissioned |
| any other alert | I0 | nothing; it is kept |

Every request and response stands in the audit trail of its originator, with the code and sentence of its answer;
an alert in that of its recipient, or where it names none, of the Responsible Suppliers. A DeviceStatusChangeEvent
is for both, and a removal (N8) for the notifying party as well, or who took it over. 8.3 of a meter leaves an alert
N9 with the other suppliers of the home.

Responses and alerts are checked as well. The ResponseID of a response mirrors its RequestID, where it has one; that of a
DCC alert begins with no User ID or device known here, as no request to the DCC itself (Command Variant 8) is for one.
A
QuarantinedRequest is for the User whose request it is, and for nobody else; an event keeps the breach that it was
first told with. An alert is taken once: the very same, by its ResponseID, code and device, is refused when it is in
its recipient's audit trail already. Neither may be dated more than a day ahead.

Checks come in this order: well-formed and safe XML, DUIS, its schema; the signature, if a trust store is set
(`SSI_DUIS_TRUST`); E1, E2, E3; E12; E19; E11; E5; E4; then the rules of the request itself.

## What is not checked, and what is left out

- That the counter of RequestID rises, unless `SSI_DUIS_COUNTER_RISES` is set: published messages share a counter.
  While its response is awaited, a RequestID is not taken twice for the same Service Reference Variant.
- A message does not say in which User Role it is sent: any that the User ID holds and that is eligible will do.
  E4 asks for a Responsible Supplier. Who holds OU and is none passes 8.7.2, 8.8.2 and 8.11 where the device that
  joins or leaves is an IHD or CAD, or was pre-notified by it; OU, ED, GT and RSA pass 11.2, which restores a
  Suspended meter only where its Responsible Supplier asked. Where nobody is registered the notifying party stands
  in, for a hub nobody does, and where nobody is known, no supplier is refused.
- What E4 asks besides. 8.12: both homes must be the originator's, when it asks and when the hub answers, and the
  new one may hold no meter of who supplies nothing in the old one. 8.14 in a home where nobody is registered: who
  pre-notified its devices, where that is known. 8.4: a status or meter point where nobody is known as responsible
  needs IS, ES or GS, that of a hub IS or GS; so does the ESME Variant of a device in use (MP125). A Pending device
  is deleted, or its details corrected, by its notifying party alone, so by nobody where that is unknown. A meter
  point at which suppliers are registered, now or in future, is given (UpdateMPxN) by them alone.
- A model that is not on the Central Products List is pre-notified (12.2) all the same; the answer says so.
- Check digits of meter points and the form of post codes: published messages fail both.
- Requests for a later day are refused: they are not kept.
- When a message came here is the moment of what it does, not the date in it. A response may be dated up to a year
  before its request came, for the feed may be played again; an older one belongs to an earlier use of its RequestID.
  An alert may be of any age.
- What is inside the payload of a device (GBCS) is not read: the success of 11.2 restores a Suspended meter whatever
  firmware it told, and PPMIDs that leave a GPF (8.8) go on serving the electricity meter.
- A returned hub is Decommissioned with its GPF, also when it was never installed or has no fault (8.14.3, 8.14.4);
  the devices of its home stay as they are until a new hub takes over its device log (8.12).
- An inventory answer does not tell who pre-notified a device, since when it has its status, or which hub it
  belongs to: these stay empty. An address goes to the device's meter points; without one it is not kept, which
  the answer says. Asked ourselves (8.2), addresses show to registered parties alone, as on the page of a device.

## Limits

A message may have 16 MiB (`SSI_DUIS_LARGEST_MESSAGE`, in bytes): the largest that DUIS knows, SR 11.1 with a
firmware image, has about 15 MB. It may nest 64 deep and have 50,000 elements. A document type declaration is
refused wherever it stands, so there are no entities; nothing is fetched or included. Reading stops at the first
limit that is passed.

## Codes of refusals

`{{...}}` is filled in. Codes with a tick mean that the file could not be read as DUIS at all.

| code | not DUIS | detail | suggestion | source |
|---|---|---|---|---|
"""  # noqa: E501 - table rows


def page() -> str:
    """Return the whole page; raises nothing."""
    requests = "".join(f"{_request(rule)}\n" for rule in RULES.values())
    return _HEAD.format(requests=requests) + "".join(f"{row}\n" for row in _rows())


def _request(rule: ServiceRule) -> str:
    """Return a row: what a request needs, and what it does when it succeeds."""
    effect = EFFECTS.get(rule.srv) or HANDLERS[rule.srv]
    sentence = re.split(r"[;.] [Rr]aises ", (effect.__doc__ or "").splitlines()[0])[0].rstrip(".")
    roles = ", ".join(role.value for role in UserRole if role in rule.roles)
    variants = ", ".join(map(str, sorted(rule.command_variants)))
    success = SUCCESS if rule.srv in _WITH_PAYLOAD else ACCEPTED
    owed = f"{rule.owed.value}{rule.others.value}"
    return f"| Request {rule.srv} {rule.name} | {roles} | {variants} | {success} | {owed} | {sentence} |"


def _rows() -> Iterator[str]:
    for refusal in sorted(_refusals(DuisRefusal), key=lambda each: (_natural(each.code), each.__name__)):
        sentence = (refusal.__doc__ or "").splitlines()[0]
        tick = "✓" if issubclass(refusal, Unreadable) else ""
        yield f"| {refusal.code} | {tick} | {sentence} | {refusal.suggestion} | {refusal.source} |"


def _refusals(base: type[DuisRefusal]) -> Iterator[type[DuisRefusal]]:
    for each in base.__subclasses__():
        if hasattr(each, "code"):
            yield each
        yield from _refusals(each)


def _natural(code: str) -> tuple[str, int]:
    """Return a key that puts E2 before E11."""
    number = re.search(r"\d+$", code)
    return (code[: number.start()], int(number.group())) if number else (code, 0)
