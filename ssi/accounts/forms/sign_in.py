"""The forms of sign-in and passwords: django-allauth's checks under the portal's labels."""

from typing import Any, ClassVar

from allauth.account import forms as allauth_forms
from django import forms
from django.contrib.auth.password_validation import get_default_password_validators
from django.urls import reverse
from django.utils.html import format_html


def password_rules() -> str:
    """Return in a sentence what the validators of the settings will ask of a new password."""
    lengths = [each.min_length for each in get_default_password_validators() if hasattr(each, "min_length")]
    return f"At least {max(lengths)} characters; no common one, and nothing like your name or e-mail address."


class PortalWords(forms.Form):
    """Says what allauth's form says in the portal's words: labels and hints instead of placeholders."""

    use_required_attribute = False
    words: ClassVar[dict[str, tuple[str, str]]] = {}
    """Label, and what to say when it is left empty, by field."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, (label, missing) in self.words.items():
            field = self.fields[name]
            field.label, field.help_text = label, self.hints().get(name, "")
            field.error_messages["required"] = missing
            field.widget.attrs.pop("placeholder", None)
            if isinstance(field, forms.EmailField):
                field.error_messages["invalid"] = (
                    "That is not an e-mail address. It looks like name@company.example."
                )

    def hints(self) -> dict[str, str]:
        """Return the hints under labels, by field."""
        return {}


class SignInForm(PortalWords, allauth_forms.LoginForm):  # type: ignore[misc]  # allauth has no types
    """Address and password."""

    words = {
        "login": ("E-mail address", "Enter your e-mail address."),
        "password": ("Password", "Enter your password."),
    }

    def hints(self) -> dict[str, str]:
        """Return the way out for whoever forgot the password."""
        link = format_html('<a href="{}">I have forgotten my password</a>', reverse("account_reset_password"))
        return {"password": link}


class ForgottenPasswordForm(PortalWords, allauth_forms.ResetPasswordForm):  # type: ignore[misc]  # as above
    """The address to which the link goes."""

    words = {"email": ("E-mail address", "Enter the e-mail address of your account.")}


class NewPasswordForm(PortalWords, allauth_forms.ResetPasswordKeyForm):  # type: ignore[misc]  # as above
    """A new password, twice, by the e-mailed link."""

    words = {
        "password1": ("New password", "Enter a new password."),
        "password2": ("New password again", "Enter the new password once more."),
    }

    def hints(self) -> dict[str, str]:
        """Return what a new password must be."""
        return {"password1": password_rules()}


class ChangePasswordForm(PortalWords, allauth_forms.ChangePasswordForm):  # type: ignore[misc]  # as above
    """The present password and a new one, twice."""

    words = {
        "oldpassword": ("Present password", "Enter your present password."),
        "password1": ("New password", "Enter a new password."),
        "password2": ("New password again", "Enter the new password once more."),
    }

    def hints(self) -> dict[str, str]:
        """Return what a new password must be."""
        return {"password1": password_rules()}


class ConfirmForm(PortalWords, allauth_forms.ReauthenticateForm):  # type: ignore[misc]  # as above
    """The password once more, before something sensitive."""

    words = {"password": ("Password", "Enter your password.")}
