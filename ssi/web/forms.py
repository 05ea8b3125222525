"""How the portal's forms are built: what every form shares, and errors that say what to do next.

The pattern on screen (label, hint, error beside the field, error summary on top) stands in
`templates/django/forms/`, so that sign-in's forms look the same as ours.
"""

import uuid
from copy import copy
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.forms.utils import pretty_name

from ssi.refusals import Refusal


class SuggestedError(ValidationError):
    """A validation error that carries the suggestion SEC App AH asks for, shown on a line of its own."""

    def __init__(
        self,
        message: str,
        suggestion: str = "",
        code: str | None = None,
        params: dict[str, Any] | None = None,
    ) -> None:
        super().__init__(message, code=code, params=params)
        self.suggestion = suggestion


_SUGGESTIONS = {
    "invalid_choice": "Choose one of those listed.",
    "invalid_list": "Choose from those listed.",
    "max_length": "Shorten it and send the form again.",
    "empty": "Save the file again where it comes from, then choose it once more.",
    "missing": "Choose the file once more.",
    "email_password_mismatch": "Type both again, or use “Forgot your password?”.",
    "too_many_login_attempts": "Wait five minutes, or use “Forgot your password?”.",
    "enter_current_password": "Type the password you signed in with.",
    "password_mismatch": "Type the same new password in both fields.",
    "password_too_short": "Add words: three that do not belong together are long and easy to remember.",
    "password_too_common": "Choose one that nobody else would think of, such as three unrelated words.",
    "password_too_similar": "Choose one that has nothing to do with your name or address.",
}
"""What to do about errors that Django's own fields find, by their code."""


def suggestion_for(error: ValidationError) -> str:
    """Return what to do about `error`: its own suggestion, else the usual one for its kind, else nothing."""
    own = getattr(error, "suggestion", "") or (error.params or {}).get("suggestion", "")
    return str(own or _SUGGESTIONS.get(str(error.code), ""))


def _demand(field: forms.Field, label: str) -> str:
    """Return what to say when a required field was left empty."""
    name = label[0].lower() + label[1:] if label[1:].islower() else label  # "Device ID" keeps its capitals
    if isinstance(field, forms.BooleanField):
        return f"Tick “{label}” to go on."
    if label.endswith("?"):
        return f"Answer “{label}”"
    return f"{'Choose' if isinstance(field, (forms.ChoiceField, forms.FileField)) else 'Enter'} the {name}."


class RefusableForm(forms.Form):
    """A form that can show a Refusal; `blamed` is the field to show it beside when it names none of the form's."""

    use_required_attribute = False  # the server's message says more than the browser's bubble
    blamed: ClassVar[str | None] = None

    def refuse(self, refusal: Refusal) -> None:
        """Show `refusal` beside the field it names, or on top; what was typed is kept, unless secret."""
        field = refusal.field if refusal.field in self.fields else self.blamed
        if refusal.hides_value and field is not None:
            self._set(field, "")
        self.add_error(field, SuggestedError(refusal.message, refusal.way_out, code=type(refusal).__name__))

    def _set(self, field: str, value: str) -> None:
        """Put another value into `field` for when the form is shown again."""
        data: Any = copy(self.data)
        data[self.add_prefix(field)] = value
        self.data = data


class SsiForm(RefusableForm):
    """A form that changes something: carries an idempotency key.

    `idempotency_key` is a fresh UUID when the form is first shown and stays the same while its errors are
    mended, so a second press of the button has one effect. It is part of `cleaned_data`.
    """

    idempotency_key = forms.UUIDField(
        widget=forms.HiddenInput,
        initial=uuid.uuid4,
        error_messages={
            "required": "The form came without its key. It has a new one now: send it again.",
            "invalid": "The form came with a damaged key. It has a new one now: send it again.",
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            label = str(field.label or pretty_name(name))
            if field.error_messages["required"] == forms.Field.default_error_messages["required"]:
                field.error_messages["required"] = _demand(field, label)
            if field.error_messages.get("invalid") == forms.DateField.default_error_messages["invalid"]:
                field.error_messages["invalid"] = f"{label} is not a date. Write it like 26/08/2026."

    def full_clean(self) -> None:
        """Check the form; if its key was missing or damaged, give it a new one to be sent again with."""
        super().full_clean()
        if "idempotency_key" in self.errors:
            self._set("idempotency_key", str(uuid.uuid4()))


class FilterForm(RefusableForm):
    """A form that only narrows a list: sent by GET, kept in the URL, every field optional."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.required = False

    @property
    def active(self) -> dict[str, Any]:
        """Return the filters that are set, by field name."""
        if not self.is_bound or not self.is_valid():
            return {}
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "", [])}
