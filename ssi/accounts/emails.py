"""What we say by e-mail about accounts. Only these carry a link that opens something: once, within three days."""

from django.conf import settings
from django.contrib.auth.tokens import PasswordResetTokenGenerator
from django.urls import reverse
from django.utils.http import int_to_base36

from ssi.accounts.models import Person
from ssi.accounts.notices import PASSWORD_LINK
from ssi.notifications import outbox
from ssi.notifications.writing import written


def set_your_password(person: Person) -> None:
    """Send the link with which a person sets their first password, or a new one."""
    why = "You get this because the DCC service desk opened the account or was asked for a new link."
    _post_link(person, "Set your password for the Self-Service Interface", "set_your_password", why)


def forgotten_password(person: Person) -> None:
    """Send the link that was asked for on the page for forgotten passwords."""
    why = "You get this because somebody asked for a new password for this address."
    _post_link(person, "Set a new password for the Self-Service Interface", "forgotten_password", why)


def password_link(person: Person) -> str:
    """Return the address under which `person` may set a password, once."""
    token = PasswordResetTokenGenerator().make_token(person)
    path = reverse("account_reset_password_from_key", kwargs={"uidb36": int_to_base36(person.pk), "key": token})
    return f"{settings.SSI_BASE_URL}{path}"


def _post_link(person: Person, subject: str, name: str, why: str) -> None:
    email = written(
        PASSWORD_LINK,
        subject=subject,
        template=f"accounts/emails/{name}",
        why=why,
        person=person,
        link=password_link(person),
        link_text="Set the password",
        days=settings.PASSWORD_RESET_TIMEOUT // (24 * 3600),
    )
    outbox.post(email, to=[person.email], about=person.audit_name, reference=str(person.pk))
