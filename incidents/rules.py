"""When a Request for Install Code may be raised and moved, and by which side. Pure functions, no queries.

Sources: MP121 rules R1 to R7 (domain 3.5); SEC App AC 4.16.
"""

from typing import TYPE_CHECKING

from incidents.models.choices import BulkKind, Side
from inventory.models.choices import TYPE_2, DeviceType, SmiStatus
from ssi.access.actor import Actor
from ssi.access.components import Component

if TYPE_CHECKING:
    from incidents.models import BulkJob, InstallCodeRequest

PERMITTED_STATUSES = frozenset({SmiStatus.PENDING, SmiStatus.WHITELISTED, SmiStatus.INSTALLED_NOT_COMMISSIONED})
"""In these a device's install code may be asked for (MP121 R4; the FIA's decision is unknown, this is ours)."""

TYPES_ASKED_FOR = frozenset(DeviceType) - TYPE_2
"""Those with a status that permits asking (R4). No supplier holds a hub's code: that request goes to the desk."""


_RAISE, _RESPOND = Component.INSTALL_CODE_REQUEST_RAISE, Component.INSTALL_CODE_REQUEST_RESPOND
COMPONENTS_OF_BULK = {
    BulkKind.RAISE: (_RAISE,),
    BulkKind.WITHDRAW: (_RAISE,),
    BulkKind.CLOSE: (_RAISE, Component.INCIDENT_CLOSE),
    BulkKind.ANSWER: (_RESPOND,),
    BulkKind.DECLINE: (_RESPOND,),
    BulkKind.DEPOSIT: (_RESPOND,),
}
"""What one must reach to do work of a kind, one by one or in bulk."""


def by_portal(request: "InstallCodeRequest", actor: Actor) -> bool:
    """The portal assigns by itself when a request is raised (MP121 R8)."""
    return actor.is_system


def by_desk(request: "InstallCodeRequest", actor: Actor) -> bool:
    """Allocation between Users is the DCC service desk's alone (MP121 PIA 4)."""
    return actor.may(Component.SERVICE_DESK)


def by_installer(request: "InstallCodeRequest", actor: Actor) -> bool:
    """The User ID it is assigned to, by a person who may answer."""
    return (
        actor.user_id is not None
        and request.assigned_to_id == actor.user_id
        and actor.may(Component.INSTALL_CODE_REQUEST_RESPOND)
    )


def by_raiser(request: "InstallCodeRequest", actor: Actor) -> bool:
    """The User ID that raised it, by a person who may raise."""
    return (
        actor.user_id is not None
        and request.raised_by_id == actor.user_id
        and actor.may(Component.INSTALL_CODE_REQUEST_RAISE)
    )


def by_closer(request: "InstallCodeRequest", actor: Actor) -> bool:
    """The User ID that raised it, by a person who may close (MP121: only the gaining supplier closes)."""
    return by_raiser(request, actor) and actor.may(Component.INCIDENT_CLOSE)


def by_portal_in_bulk(job: "BulkJob", actor: Actor) -> bool:
    """The portal checks a bulk job and carries it out."""
    return actor.is_system


def by_its_user_id(job: "BulkJob", actor: Actor) -> bool:
    """The User ID that gave the instruction, by a person who may do such work one by one."""
    return actor.user_id is not None and job.user_id_id == actor.user_id and may_do_in_bulk(job.kind, actor)


def may_do_in_bulk(kind: str, actor: Actor) -> bool:
    """Tell whether `actor` may do work of that kind at all: what they may do one by one, they may do in bulk."""
    return all(actor.may(component) for component in COMPONENTS_OF_BULK[BulkKind(kind)])


def side_of(request: "InstallCodeRequest", actor: Actor) -> Side | None:
    """Return on which side of `request` the User ID that `actor` acts for stands, whatever the person may do."""
    if actor.user_id is None:
        return None
    if request.raised_by_id == actor.user_id:
        return Side.RAISED
    return Side.ASSIGNED if request.assigned_to_id == actor.user_id else None


def is_read_out(request: "InstallCodeRequest") -> bool:
    """Tell whether the code was read as often as it may be; then only the desk can let it be read again."""
    return request.reveals >= request.reveals_allowed


def may_write_notes(request: "InstallCodeRequest", actor: Actor) -> bool:
    """Both sides and the desk write notes (MP121; H9.4)."""
    return by_raiser(request, actor) or by_installer(request, actor) or by_desk(request, actor)
