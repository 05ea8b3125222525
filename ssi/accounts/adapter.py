"""How django-allauth behaves in this portal: who gets in, what is recorded, and in which words."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone

from ssi.accounts import emails
from ssi.accounts.acting import choices_of
from ssi.accounts.actions import sessions
from ssi.accounts.middleware import SIGNED_IN_AT
from ssi.accounts.models import Person
from ssi.web.forms import SuggestedError

_SENTENCES = {
    "email_password_mismatch": (
        "The e-mail address or the password is not right.",
        "Check both, capitals too. After five wrong tries an account waits five minutes.",
    ),
    "too_many_login_attempts": (
        "There were too many wrong tries.",
        "Wait five minutes, or set a new password: “I have forgotten my password”.",
    ),
    "feed_signs_in_nowhere": (
        "This is the account of DCC's feed, which works through the API alone.",
        "Use its token in a program, or sign in with an account of your own.",
    ),
    "incorrect_password": ("The password is not right.", "Enter the password that you signed in with."),
    "enter_current_password": (
        "That is not your present password.",
        "Enter the password that you signed in with.",
    ),
}
"""What to say, and what to do next, by allauth's error codes."""

_NEWS = {
    "account/messages/password_changed.txt": "Your password is changed. Your other sessions have ended.",
}
"""What to say on the next page, by allauth's message templates; of the rest the page itself speaks."""


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]  # allauth has no types
    """Accounts are made by the DCC service desk: nobody signs up."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse: there is no sign-up."""
        return False

    def is_ajax(self, request: HttpRequest) -> bool:
        """Answer with pages only; programs use the API and its tokens."""
        return False

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Person | None:
        """Return whose address and password these are. DCC's feed is refused: it works by token alone."""
        person: Person | None = super().authenticate(request, **credentials)
        if person is not None and person.is_feed:
            sessions.sign_in_failed(email=person.email)
            raise self.validation_error("feed_signs_in_nowhere")
        return person

    def login(self, request: HttpRequest, user: Person) -> None:
        """Begin the session, and record it before it begins to count."""
        with transaction.atomic():
            super().login(request, user)
            sessions.signed_in(person=user)
        request.session[SIGNED_IN_AT] = timezone.now().isoformat()

    def logout(self, request: HttpRequest) -> None:
        """Record that the session ends, and end it."""
        if isinstance(request.user, Person):
            sessions.signed_out(person=request.user)
        super().logout(request)

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        """Record a wrong password, at sign-in or when it is asked for again."""
        sessions.sign_in_failed(email=str(credentials.get("email", "")))

    def set_password(self, user: Person, password: str) -> None:
        """Set a password that the person chose."""
        sessions.set_password(person=user, password=password)

    def send_password_reset_mail(self, user: Person, email: str, context: dict[str, Any]) -> None:
        """Put the link into the outbox: nothing waits for the mail server, whether the address is known or not.

        DCC's feed has no use for a password, so its mailbox gets none.
        """
        if not user.is_feed:
            emails.forgotten_password(user)

    def get_login_redirect_url(self, request: HttpRequest) -> str:
        """Return the first page after sign-in; who reaches nothing yet is told why."""
        person = request.user
        if isinstance(person, Person) and not person.is_dcc_staff and not choices_of(person):
            return reverse("my_access")
        return str(super().get_login_redirect_url(request))

    def get_password_change_redirect_url(self, request: HttpRequest) -> str:
        """Return the page after a changed password."""
        return reverse("incidents:home")

    def validation_error(self, code: str, *args: object) -> ValidationError:
        """Return our sentence and what to do next, where we have one for `code`."""
        if code not in _SENTENCES:
            error: ValidationError = super().validation_error(code, *args)
            return error
        sentence, suggestion = _SENTENCES[code]
        return SuggestedError(sentence, suggestion, code=code)

    def add_message(
        self,
        request: HttpRequest,
        level: int,
        message_template: str | None = None,
        *args: Any,
        **kwargs: Any,
    ) -> None:
        """Show our news of what was done."""
        if message_template in _NEWS:
            messages.add_message(request, level, _NEWS[message_template])
