"""Writes `docs/reference/device-status.md` from the state machine and the table of Service Requests."""

from collections.abc import Callable, Iterator
from typing import Final

from inventory.actions.service_requests.joining import PARTNERS
from inventory.models import Device
from inventory.models.choices import TYPE_2, DeviceType, SmiStatus
from inventory.rules import RULES, SUSPENSION_READ, ServiceRule, WhenSuspended
from ssi.workflow import declared_moves, state_diagram

_HEAD: Final = """# Statuses of a device

The SMI Status of a device moves only where this page says. The moves stand in `inventory/models/devices.py`, what
is asked of a request in `inventory/rules.py`, what a message causes in `inventory/actions/service_requests/`.

A Type 2 Device ({type_2}) has no SMI Status: it enters the inventory, is linked to a hub, and no move is for it
(SEC App AC 4.15). No device becomes Withdrawn, since nobody may withdraw one (SR 8.5 has no User Role).

A request to a device moves nothing: the device moves when its response says I0, or for 8.11 when the DCC says N24.
Every move writes a row of the device's history and brings the DCC Service Status of its meter points up to date.
Who may make each: {who}
"""

_SUSPENDED: Final = """## While Suspended

A Suspended device takes critical requests. Non-critical ones are refused with E5 ("E51" in the text of MP105 is E5
with a footnote), but for these: {exempt}; and 2.2 in Command Variant 2 of SMETS1 and 6.23, which are not applied
here. With the switch `MP105`, {read} take 11.2 as well, and its response restores them. What the DCC carries out
itself (Command Variant 8 alone) is held up by no suspension.

A device returns to the status from which it was suspended: that of the step of its history that suspended it. A
device that entered the inventory as Suspended has no such step; it becomes Commissioned if it has a commissioned
date, else InstalledNotCommissioned. What restores: its product is back on the Central Products List, new firmware
was activated (11.3) that is on it, the answer to 11.2 (`MP105`), or the DCC alert DeviceRestored.

A product that leaves the list suspends what is InstalledNotCommissioned or Commissioned that day. A device that
was Pending or Whitelisted when its product left the list is not suspended later by itself, when it joins its
network or is commissioned: the DCC alert DeviceSuspended does it, or the next time that the product leaves.
"""

_COMMISSIONING: Final = """## What commissions

| device | commissioned by | which needs |
|---|---|---|
| CHF | 8.14.1, or 8.4 UpdateDeviceStatusCH | nothing else; its GPF is installed with it |
| ESME, GSME | the success of 8.1.1 | its hub Commissioned (SEC App AC 4.12), or E5 |
{joined}
A device that is still Whitelisted when it answers with success has joined: it becomes InstalledNotCommissioned and
Commissioned at once, in two steps of its history.
"""


def page() -> str:
    """Return the whole page."""
    moves = _moves()
    return "\n".join(
        [
            _HEAD.format(type_2=_types(TYPE_2), who=" ".join(sorted({_who(verb) for _, verb, _ in moves}))),
            *_diagram(moves),
            "",
            *_table(moves),
            "",
            _COMMISSIONING.format(joined="".join(f"{row}\n" for row in _joined())),
            *_requests(),
            "",
            _SUSPENDED.format(exempt=_exempt(), read=_types(SUSPENSION_READ)),
        ]
    )


def _moves() -> list[tuple[SmiStatus, str, SmiStatus]]:
    return sorted(
        (SmiStatus(int(source)), verb, SmiStatus(int(target)))
        for source, verb, target in state_diagram(Device, "smi_status")
    )


def _diagram(moves: list[tuple[SmiStatus, str, SmiStatus]]) -> list[str]:
    return [
        "```mermaid",
        "stateDiagram-v2",
        f"    [*] --> {SmiStatus.PENDING.duis}: 12.2",
        *(f"    {source.duis} --> {target.duis}: {verb}" for source, verb, target in moves),
        f"    {SmiStatus.PENDING.duis} --> [*]: deleted (8.4), or removed by housekeeping (N8)",
        "```",
    ]


def _table(moves: list[tuple[SmiStatus, str, SmiStatus]]) -> Iterator[str]:
    yield "## Moves"
    yield ""
    yield "| From | Move | To | Devices | What causes it |"
    yield "|---|---|---|---|---|"
    for source, verb, target in moves:
        yield (
            f"| {source.duis} | `{verb}` | {target.duis} | {_types(_movable(verb))} "
            f"| {_first_line(_method(verb))} |"
        )


def _movable(verb: str) -> frozenset[DeviceType]:
    """Return the device types whose conditions the move has; a Type 2 Device has no status to move."""
    conditions = [condition for move in declared_moves(_method(verb)) for condition in move.conditions]
    return frozenset(
        each
        for each in DeviceType
        if each not in TYPE_2 and all(condition(Device(device_type=each)) for condition in conditions)
    )


def _joined() -> Iterator[str]:
    for joined, partners in PARTNERS.items():
        what = "no status; joined by" if joined in TYPE_2 else "the success of"
        yield f"| {joined.duis} | {what} 8.7.1 or 8.7.2 with {_types(partners, ' or ')} | the same home |"


def _requests() -> Iterator[str]:
    yield "## In which status a request is taken"
    yield ""
    yield "Otherwise the answer is E5; for another device type it is E11."
    yield ""
    yield "| SRV | name | for | devices | in the status | while Suspended |"
    yield "|---|---|---|---|---|---|"
    for rule in RULES.values():
        yield (
            f"| {rule.srv} | {rule.name} | {'the device' if rule.is_to_device else 'the DCC'} "
            f"| {_types(rule.device_types) if len(rule.device_types) < len(DeviceType) else 'all'} "
            f"| {_statuses(rule)} | {_while_suspended(rule)} |"
        )


def _while_suspended(rule: ServiceRule) -> str:
    return rule.when_suspended.value if SmiStatus.SUSPENDED in rule.statuses else "refused: not in that status"


def _statuses(rule: ServiceRule) -> str:
    if len(rule.statuses) == len(SmiStatus):
        return "any that the request's own rules allow" if rule.srv in {"8.4", "11.1", "11.4"} else "any"
    return ", ".join(each.duis for each in SmiStatus if each in rule.statuses)


def _exempt() -> str:
    exempt = (each.srv for each in RULES.values() if each.when_suspended is WhenSuspended.EXEMPT)
    return " and ".join(f"{srv}" for srv in exempt)


def _types(types: frozenset[DeviceType], between: str = ", ") -> str:
    return between.join(each.duis for each in DeviceType if each in types)


def _who(verb: str) -> str:
    permissions = {move.permission for move in declared_moves(_method(verb))}
    return " ".join(sorted(_first_line(permission) for permission in permissions))


def _method(verb: str) -> Callable[..., None]:
    method: Callable[..., None] = getattr(Device, verb)
    return method


def _first_line(documented: object) -> str:
    return (documented.__doc__ or "").strip().splitlines()[0]
