"""The form on which a person says how soon they want each kind of e-mail."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms

from ssi.notifications.notices import Notice, Pace
from ssi.web.forms import SsiForm


class PaceInput(forms.RadioSelect):
    """The paces as radio buttons; those that the law does not let one choose are grey."""

    def __init__(self, allowed: Sequence[Pace]) -> None:
        super().__init__()
        self.allowed = allowed

    def create_option(self, name: str, value: Any, *args: Any, **kwargs: Any) -> dict[str, Any]:
        """Grey what may not be chosen."""
        option = super().create_option(name, value, *args, **kwargs)
        if value not in self.allowed:
            option["attrs"]["disabled"] = True
        return option


class PreferencesForm(SsiForm):
    """One question for each kind of e-mail that one may have otherwise than at once."""

    required_css_class = "in-a-row"

    def __init__(self, *args: Any, notices: Sequence[Notice], chosen: Mapping[str, Pace], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.notices = notices
        for notice in notices:
            self.fields[notice.field] = forms.ChoiceField(
                label=notice.name,
                help_text=f"{notice.when} {notice.because}".strip(),
                choices=Pace.choices,
                initial=notice.held_to(chosen.get(notice.event, Pace.AT_ONCE)),
                widget=PaceInput(notice.paces),
                error_messages={"required": f"Choose how soon you want “{notice.name}”."},
            )

    @property
    def paces(self) -> dict[Notice, Pace]:
        """Return what was chosen."""
        return {notice: Pace(self.cleaned_data[notice.field]) for notice in self.notices}
