"""How access reads on a screen."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import QueryDict

from ssi.access.actor import Actor, Decision
from ssi.access.components import Component, Rule
from ssi.accounts import search
from ssi.accounts.forms.preferences import PreferencesForm
from ssi.accounts.models import Person, RoleGrant
from ssi.notifications import preferences
from ssi.notifications.notices import Pace

SUBJECTS: dict[str, tuple[Component, ...]] = {
    "Devices and meter points": (
        Component.INVENTORY_SEARCH,
        Component.STATUS_HISTORY,
        Component.AUDIT_TRAIL,
        Component.READ_RECORD,
        Component.WAN_COVERAGE,
        Component.CPL_VIEWER,
        Component.COMMS_HUB_ORDERS,
        Component.INVENTORY_CORRECTION,
        Component.HOUSEKEEPING_FORECAST,
        Component.REPORTS,
    ),
    "Incidents and install codes": (
        Component.INCIDENTS,
        Component.INCIDENT_CLOSE,
        Component.INSTALL_CODE_REQUEST_RAISE,
        Component.INSTALL_CODE_REQUEST_RESPOND,
    ),
    "Thresholds and quarantine": (
        Component.ADT_SUBMISSION,
        Component.EXIT_QUARANTINE_SUBMISSION,
        Component.ADT_APPROVAL,
        Component.ADT_AND_QUARANTINE_VIEW,
        Component.SECURITY_EVENTS,
    ),
    "The DCC service": (
        Component.SERVICE_STATUS,
        Component.SERVICE_ALERTS,
        Component.PLANNED_MAINTENANCE,
    ),
    "People, and DCC's own work": (
        Component.ACCOUNT_ADMINISTRATION,
        Component.ARO_NOMINATION,
        Component.DCC_SERVICE_STATUS,
        Component.SERVICE_DESK,
        Component.SIGNED_FILES_DESK,
        Component.SERVICE_REQUEST_FEED,
    ),
}
"""Every Functional Component, under the heading where a reader looks for it."""


@dataclass(frozen=True, slots=True)
class Line:
    """One Functional Component as the page shows it."""

    component: Component
    rule: Rule
    decision: Decision


def access_page(actor: Actor, person: Person) -> dict[str, Any]:
    """Return what the page "What may I do" shows to `person`, who acts as `actor`."""
    groups = [
        (title, [Line(component, component.rule, actor.decide(component)) for component in components])
        for title, components in SUBJECTS.items()
    ]
    reached = [line for _, lines in groups for line in lines if line.decision.allowed]
    return {
        "groups": groups,
        "reached": len(reached),
        "reached_here": sum(line.rule.served for line in reached),
        "total": len(Component),
        "party": person.party,
        "awaiting": [] if person.is_dcc_staff else search.nominations_awaiting(person),
    }


def preferences_page(actor: Actor, sent: QueryDict | None) -> dict[str, Any]:
    """Return what the page "E-mails to me" shows: what one may choose, and what comes at once anyhow."""
    notices = search.notices_reaching(actor)
    return {
        "form": PreferencesForm(
            sent,
            notices=[notice for notice in notices if notice.least != Pace.AT_ONCE],
            chosen=preferences.chosen_by(actor.person_email),
        ),
        "always": [notice for notice in notices if notice.least == Pace.AT_ONCE],
        "summary_at": settings.SSI_DIGEST_AT,
    }


def standing_of(grant: RoleGrant) -> str:
    """Return in words whether a grant counts."""
    if grant.ended_at is not None:
        return "Ended"
    return "Waits for confirmation" if grant.needs_confirmation else "In force"
