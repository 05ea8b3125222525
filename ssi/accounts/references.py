"""What references lead to among accounts: an officer's entry, for the desk, the party's SROs and the officer."""

from django.urls import reverse

from ssi.access.actor import Actor
from ssi.access.components import Component
from ssi.accounts.models import Officer
from ssi.web import references


def _officers(reference: str, actor: Actor) -> str:
    """Return the address of an entry of the register that the actor may see."""
    officer = Officer.objects.visible_to(actor).filter(reference=reference).first()
    if officer is None:
        return ""
    if actor.may(Component.SERVICE_DESK):
        return reverse("admin:accounts_officer_change", args=[officer.pk])
    if actor.may(Component.ARO_NOMINATION):
        return reverse("officer", args=[officer.reference])
    return reverse("my_access") if actor.person_email == officer.email else ""


references.add(_officers)
