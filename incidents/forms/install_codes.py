"""The form in which an install code is given. What is typed here never comes back in a message or a log.

On the page it comes back in one case only: to the installer, in answer to check digits that do not match, with
the correction that would make them match, offered and never applied. Nothing of it is kept here in between: what
the installer chooses, its browser sends again.
"""

from typing import Any

from django import forms
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from inventory.install_code import Correction, InstallCodeCheckDigitsDoNotMatch, LegacyLength, corrections
from ssi.refusals import Refusal
from ssi.web.forms import SsiForm, SuggestedError

LONGEST_CODE = 200
"""Room for 36 digits in any grouping; what is longer is no install code."""

GROUP = 4
"""Digits of a code are read out in groups of four."""

_UNKEPT = {"autocomplete": "off", "spellcheck": "false", "autocapitalize": "off", "autocorrect": "off"}


class SealedInput(forms.TextInput):
    """A field whose value never comes back in a page, and that browsers neither keep, complete nor spell-check."""

    def __init__(self) -> None:
        super().__init__(attrs={"size": 48, "class": "mono", **_UNKEPT})

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        """Leave the value out, also of a form that is shown again with its errors."""
        return super().get_context(name, None, attrs)


class OfferedCorrections(forms.RadioSelect):
    """Corrections to choose from, none of them chosen; nothing at all while there are none."""

    def __init__(self) -> None:
        super().__init__(attrs={"autocomplete": "off"})

    @property
    def is_hidden(self) -> bool:
        """Tell whether there is nothing to show."""
        return not self.choices

    def format_value(self, value: Any) -> list[str]:
        """Choose "none of these", whatever was sent before."""
        return [""]

    def render(self, *args: Any, **kwargs: Any) -> SafeString:
        """Return the choices, if there are any."""
        return super().render(*args, **kwargs) if self.choices else SafeString()


class AnswerForm(SsiForm):
    """The sealed field. `correction` is a whole code, offered after check digits that did not match."""

    field_order = ("correction", "install_code", "install_code_again", "legacy_length")

    install_code = forms.CharField(
        label="Install code",
        max_length=LONGEST_CODE,
        widget=SealedInput(),
        help_text="All 36 digits of the label, check digits included, or the 32 without them."
        " Spaces and dashes do not matter.",
    )
    install_code_again = forms.CharField(
        label="Install code again",
        required=False,
        max_length=LONGEST_CODE,
        widget=SealedInput(),
        help_text="Needed if you gave 32 digits: without check digits a slip would go unnoticed.",
    )
    legacy_length = forms.TypedChoiceField(
        label="Legacy length",
        required=False,
        choices=[("", "None: 16 bytes, as on nearly every device"), *LegacyLength.choices],
        coerce=LegacyLength,
        empty_value=None,
        help_text="Leave it unless the label shows fewer than 32 digits.",
    )
    correction = forms.CharField(
        label="Is it this one?",
        required=False,
        max_length=LONGEST_CODE,
        widget=OfferedCorrections(),
        help_text="One slip from what you typed, and its check digits match. That may be chance: compare every"
        " digit with the label before you choose it.",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["install_code"].required = not self._has_chosen()

    def _has_chosen(self) -> bool:
        return self.is_bound and bool(str(self.data.get(self.add_prefix("correction"), "")).strip())

    def clean(self) -> dict[str, Any]:
        """Take the chosen correction for the code."""
        cleaned = super().clean() or self.cleaned_data
        chosen = cleaned.pop("correction", "")
        if chosen and cleaned.get("install_code"):
            self.add_error(
                "install_code",
                SuggestedError("You chose a correction and typed a code.", "Do one of the two.", code="both"),
            )
        elif chosen:
            cleaned["install_code"] = chosen
        return cleaned

    def refuse(self, refusal: Refusal) -> None:
        """Show `refusal`; where check digits do not match, also the correction that would make them match."""
        if isinstance(refusal, InstallCodeCheckDigitsDoNotMatch):
            typed, length = self.cleaned_data["install_code"], self.cleaned_data["legacy_length"]
            self._offer(corrections(typed, legacy_length=length))
        super().refuse(refusal)
        self.fields["install_code"].required = True

    def _offer(self, found: list[Correction]) -> None:
        widget = self.fields["correction"].widget
        if found:
            none = ("", "No. I have re-read the label and type the code again below.")
            self.fields["correction"].required = True  # it shows one that is chosen: it need not say "optional"
            widget.choices = [*((each.digits, _in_words(each)) for each in found), none]


def _in_words(correction: Correction) -> SafeString:
    """Return the corrected code in groups of four, its changed digits marked, and the change in words."""
    return format_html(
        '<span><span class="correction">{}</span><span class="way-out quiet">{}</span></span>',
        format_html_join(" ", "{}", ((_group(correction, at),) for at in range(0, len(correction.digits), GROUP))),
        _change(correction),
    )


def _group(correction: Correction, start: int) -> SafeString:
    group = enumerate(correction.digits[start : start + GROUP], start)
    return format_html_join(
        "",
        "{}",
        ((format_html("<mark>{}</mark>", each) if at in correction.places else each,) for at, each in group),
    )


def _change(correction: Correction) -> str:
    """Return such as "Digit 36 (the last of group 9) is 5 here; you typed 6."."""
    now = "".join(correction.digits[at] for at in correction.places)
    was = "".join(correction.typed[at] for at in correction.places)
    groups = sorted({at // GROUP + 1 for at in correction.places})
    where = f"in group {groups[0]}" if len(groups) == 1 else f"in groups {groups[0]} and {groups[1]}"
    if correction.is_swap:
        first, second = (at + 1 for at in correction.places)
        return f"Digits {first} and {second}, {where}, are {now} here; you typed {was}."
    return f"Digit {correction.places[0] + 1}, {where}, is {now} here; you typed {was}."
