"""Writes `docs/reference/duis-answers.md` from the refusals and handlers themselves."""

import re
from collections.abc import Iterator
from typing import Final

from inventory.duis.refusals import DuisRefusal, Unreadable
from ssi.access.roles import UserRole

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

| message | for User Roles | Command Variant | success | what it does |
|---|---|---|---|---|
| Request 12.2 Device Pre-notification | {prenotifiers} | {prenotification_variants} | I99 | the device enters as Pending, an IHD or CAD without a status; a SMETS1 CHF brings its GPF |
| Request 8.11 Update HAN Device Log, Add | {log_users} | {log_variants} | I99 | the device goes from Pending to Whitelisted on the hub that is the request's target, with its meter points |
| Request 8.11 Update HAN Device Log, Remove | {log_users} | {log_variants} | I99 | from Whitelisted back to Pending, without hub and meter points |
| Response 8.2 Read Inventory | - | - | I0 | devices that are not in the inventory yet enter with all the answer says of them; others are left unchanged |

Everything else is answered as not handled yet, whoever sent it. DUIS 5.0 and later 5.x are read; in a version
after 5.4, elements unknown here are passed over, in others they are refused.

Checks come in this order: well-formed and safe XML, DUIS, its schema; E1, E2; E12; E19; E11; E5; then the rules
of the request itself.

## What is not checked, and what is left out

- The signature, and that the counter of RequestID rises: the feed comes from the DCC's own systems.
- The Central Products List (12.2), and whether the originator supplies the home (8.11; E4 in DUIS).
- Check digits of meter points and the form of post codes: published messages fail both.
- A message does not say in which User Role it is sent: any that the User ID holds and that is eligible will do.
- 8.11 is applied as if the hub had answered at once. Its install code is checked for form and kept nowhere.
- An inventory answer does not tell who pre-notified a device, since when it has its status, or which hub it
  belongs to: these stay empty. An address goes to the device's meter points; without one it is not kept, which
  the answer says.

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
    return _HEAD + "".join(f"{row}\n" for row in _rows())


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


def _roles(roles: frozenset[UserRole]) -> str:
    return ", ".join(role.value for role in UserRole if role in roles)


def _numbers(numbers: frozenset[int]) -> str:
    return ", ".join(map(str, sorted(numbers)))
