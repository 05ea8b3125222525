"""Signing in and out, and passwords: django-allauth's views under our addresses, each saying who may call it."""

from typing import Any

from allauth.account import views as allauth_views
from django import forms
from django.conf import settings

from ssi.access.decorators import public, signed_in
from ssi.accounts import search
from ssi.accounts.demo_accounts import DEMO_PASSWORD
from ssi.accounts.forms.sign_in import (
    ChangePasswordForm,
    ConfirmForm,
    ForgottenPasswordForm,
    NewPasswordForm,
    SignInForm,
)


class SignInView(allauth_views.LoginView):  # type: ignore[misc]  # allauth has no types
    """The page of sign-in; in the demo it lists whom one can be."""

    def get_form_class(self) -> type[forms.Form]:
        """Return our form."""
        return SignInForm

    def get_initial(self) -> dict[str, Any]:
        """Fill in the address of the demo account that was chosen without script."""
        return {**super().get_initial(), "login": self.request.GET.get("email", "")}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the demo's accounts, if they are here."""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        if settings.SSI_DEMO:
            context |= {"demo_accounts": search.demo_accounts(), "demo_password": DEMO_PASSWORD}
        return context


class ForgottenPasswordView(allauth_views.PasswordResetView):  # type: ignore[misc]  # as above
    """Asks for the address to which the link goes."""

    def get_form_class(self) -> type[forms.Form]:
        """Return our form."""
        return ForgottenPasswordForm


class NewPasswordView(allauth_views.PasswordResetFromKeyView):  # type: ignore[misc]  # as above
    """The page that the link opens."""

    def get_form_class(self) -> type[forms.Form]:
        """Return our form."""
        return NewPasswordForm


class ChangePasswordView(allauth_views.PasswordChangeView):  # type: ignore[misc]  # as above
    """Changes the password of whoever is signed in."""

    def get_form_class(self) -> type[forms.Form]:
        """Return our form."""
        return ChangePasswordForm


class ConfirmView(allauth_views.ReauthenticateView):  # type: ignore[misc]  # as above
    """Asks for the password once more; what was asked for then goes on."""

    def get_form_class(self) -> type[forms.Form]:
        """Return our form."""
        return ConfirmForm


_NOT_YET = "Who is not signed in must be able to sign in."
_LOST = "Who cannot sign in must be able to get a new password."

sign_in = public(_NOT_YET)(SignInView.as_view())
sign_out = public("A session that has ended meanwhile is signed out already.")(allauth_views.LogoutView.as_view())
closed_account = public(_NOT_YET)(allauth_views.AccountInactiveView.as_view())
forgotten_password = public(_LOST)(ForgottenPasswordView.as_view())
forgotten_password_sent = public(_LOST)(allauth_views.PasswordResetDoneView.as_view())
new_password = public(_LOST)(NewPasswordView.as_view())
new_password_set = public(_LOST)(allauth_views.PasswordResetFromKeyDoneView.as_view())
change_password = signed_in("Everybody may change their own password.")(ChangePasswordView.as_view())
confirm = signed_in("Everybody may show again that it is them.")(ConfirmView.as_view())
