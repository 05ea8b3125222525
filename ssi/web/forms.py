"""How the portal's forms are built: what every form shares, and errors that say what to do next.

The pattern on screen (label, hint, error beside the field, error summary on top) stands in
`templates/django/forms/`, so that sign-in's forms look the same as ours.
"""

import uuid
from typing import Any

from django import forms
from django.core.exceptions import ValidationError

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


class SsiForm(forms.Form):
    """A form that changes something: carries an idempotency key and can show a Refusal.

    `idempotency_key` is a fresh UUID when the form is first shown and stays the same while its errors are
    mended, so a second press of the button has one effect. It is part of `cleaned_data`.
    """

    use_required_attribute = False  # the server's message says more than the browser's bubble

    idempotency_key = forms.UUIDField(
        widget=forms.HiddenInput,
        initial=uuid.uuid4,
        error_messages={
            "required": "This form came without its key. Reload the page and send it again.",
            "invalid": "This form came with a damaged key. Reload the page and send it again.",
        },
    )

    def refuse(self, refusal: Refusal) -> None:
        """Show `refusal` beside the field it names, or on top of the form; what was typed is kept."""
        field = refusal.field if refusal.field in self.fields else None
        self.add_error(field, SuggestedError(refusal.message, refusal.way_out, code=type(refusal).__name__))


class FilterForm(forms.Form):
    """A form that only narrows a list: sent by GET, kept in the URL, every field optional."""

    use_required_attribute = False

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
