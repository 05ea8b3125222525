"""What tests of the register of officers do and ask again and again."""

from ssi.accounts.actions import officers
from ssi.accounts.models import Officer, Person, RoleGrant, UserId
from ssi.accounts.models.officers import Capacity
from ssi.audit.models import AuditEvent
from ssi.eui64 import Eui64
from ssi.notifications.models import OutboxMessage
from tests.factories.accounts import OfficerFactory
from tests.personas import actor_of

NEW = "tamsin@northlight.example"


def user_id_of(person: Person) -> Eui64:
    return RoleGrant.objects.filter(person=person)[0].acting_for_id


def nomination_of(person: Person) -> Officer:
    """Return a nomination that awaits DCC, made straight in the table."""
    return OfficerFactory.create(acting_for=UserId.objects.get(eui=user_id_of(person)))


def nominated(sro: Person, email: str = NEW) -> Officer:
    [officer] = officers.nominate_aro(
        user_ids=[user_id_of(sro)], email=email, name="Tamsin Reed", by=actor_of(sro)
    )
    return officer


def registered(desk: Person, of: Person, email: str = "noor@northlight.example") -> Officer:
    return officers.register_sro(
        eui=user_id_of(of),
        email=email,
        name="Noor Haddad",
        nominated_by="Helena Ward",
        nominated_as=Capacity.CISO,
        by=actor_of(desk),
    )


def events() -> list[str]:
    return list(AuditEvent.objects.order_by("id").values_list("event", flat=True))


def written_to(event: str) -> list[str]:
    return sorted(OutboxMessage.objects.filter(event=event).values_list("recipient", flat=True))
