"""The look's vocabulary for templates. Registered as a builtin: use without `{% load %}`.

Filters and tags return finished, escaped HTML and are cheap enough for every row of a long list. Block tags
frame what stands between them. What needs a list of things is an include in `templates/components/`.
"""

import datetime as dt
import uuid
from typing import Any
from zoneinfo import ZoneInfo

from django import forms, template
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.middleware.csrf import get_token
from django.template import Context, Engine
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from ssi.web.forms import suggestion_for
from ssi.web.panels import Panel
from ssi.web.tones import TONES, tone_of

register = template.Library()
LONDON = ZoneInfo("Europe/London")
NOTHING = mark_safe('<span class="none">none</span>')


# --- Dates and times ------------------------------------------------------------------------------


def _in_words(value: dt.date) -> str:
    """Return "Tue 26 Aug 2026"; English whatever the server's locale is."""
    weekday = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")[value.weekday()]
    months = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
    return f"{weekday} {value.day} {months[value.month - 1]} {value.year}"


@register.filter
def when(value: dt.datetime | None) -> SafeString | str:
    """Show a moment in Europe/London: {{ request.raised_at|when }} gives "Tue 26 Aug 2026, 17:00"."""
    if not value:
        return ""
    local = timezone.localtime(value, LONDON) if timezone.is_aware(value) else value
    words = f"{_in_words(local)}, {local:%H:%M}"
    return format_html('<time datetime="{}">{}</time>', local.isoformat(timespec="seconds"), words)


@register.filter
def day(value: dt.date | dt.datetime | None) -> SafeString | str:
    """Show a date: {{ request.due_date|day }} gives "Tue 26 Aug 2026"; a datetime gives its day in London."""
    if not value:
        return ""
    if isinstance(value, dt.datetime):
        value = (timezone.localtime(value, LONDON) if timezone.is_aware(value) else value).date()
    return format_html('<time datetime="{}">{}</time>', value.isoformat(), _in_words(value))


@register.filter
def due(value: dt.date | None) -> SafeString | str:
    """Show when something open is due, with a tag if that is today or past: {{ request.due_date|due }}."""
    if not value:
        return ""
    today = timezone.localdate(timezone=LONDON)
    if value > today:
        return day(value)
    return format_html("{} {}", day(value), status_tag("Overdue" if value < today else "Due today"))


# --- Names, identifiers, states -------------------------------------------------------------------


@register.simple_tag
def status_tag(state: object, tone: str = "") -> SafeString:
    """Show a state as words with a coloured shape: {% status_tag device.get_smi_status_display %}.

    Takes an enumeration member, its label or its value; `tone` is for states ssi.web.tones does not list.
    """
    shown = tone_of(state)
    css = tone if tone in TONES else shown.css
    return format_html('<span class="tag tag-{}">{}</span>', css, shown.words)


register.filter("status", status_tag)


@register.filter
def identifier(value: object) -> SafeString | str:
    """Show a Device ID, MPxN, User ID or reference in mono with a copy button: {{ device.pk|identifier }}."""
    if value is None or value == "":
        return NOTHING
    return format_html(
        '<span class="id"><span class="id-text">{0}</span>'
        '<button type="button" class="copy" data-copy="{0}" aria-label="Copy {0}"></button></span>',
        str(value),
    )


register.filter("device_id", identifier)


@register.filter
def mono(value: object) -> SafeString | str:
    """Show an identifier in mono, without a copy button: {{ device.firmware_version|mono }}."""
    if value is None or value == "":
        return NOTHING
    return format_html('<span class="id-text">{}</span>', str(value))


@register.simple_tag
def identifier_link(value: object, url: str) -> SafeString:
    """Show an identifier as a link, with a copy button: {% identifier_link device.pk device_url %}."""
    return format_html(
        '<span class="id"><a class="id-text" href="{1}">{0}</a>'
        '<button type="button" class="copy" data-copy="{0}" aria-label="Copy {0}"></button></span>',
        str(value),
        url,
    )


@register.simple_tag
def user_id(party_name: str, eui: object = None, role: object = None) -> SafeString:
    """Show a User: {% user_id party.name user_id user_role %}; User ID and role may be left out."""
    parts = [format_html('<span class="party-name">{}</span>', party_name)]
    if eui:
        parts.append(format_html('<span class="id-text">{}</span>', str(eui)))
    if role:
        parts.append(role_name(role))
    return format_html('<span class="party">{}</span>', mark_safe(" ".join(parts)))  # noqa: S308 - escaped above


@register.filter
def role_name(role: object) -> SafeString:
    """Show a User Role or Job Type Role, its long name on hover: {{ actor.user_role|role_name }}."""
    return format_html('<abbr title="{}">{}</abbr>', getattr(role, "label", role), getattr(role, "value", role))


@register.filter
def or_none(value: object) -> object:
    """Show "none" in grey where there is no value: {{ device.export_mpan|or_none }}."""
    return NOTHING if value is None or value == "" else value


@register.filter
def count_of(number: int, highest: int = 10_000) -> str:
    """Show a count with thousands separated; above `highest`, where lists stop counting, "more than"."""
    return f"more than {highest:,}" if number > highest else f"{number:,}"


@register.filter
def number(value: int) -> str:
    """Show a number with thousands separated, however large: {{ job.given|number }} gives "50,000"."""
    return f"{value:,}"


@register.simple_tag(takes_context=True)
def hung_panel(context: Context, hung: Panel) -> SafeString:
    """Show a panel that a floor above hung onto this page: {% hung_panel panel %} (ssi.web.panels)."""
    with context.push(**hung.facts):
        return Engine.get_default().get_template(hung.template).render(context)


# --- Addresses ------------------------------------------------------------------------------------


@register.simple_tag(takes_context=True)
def url_with(context: Context, **changes: object) -> str:
    """Return this page's query with values changed, None drops: {% url_with cursor=page.next_cursor %}."""
    query = context["request"].GET.copy()
    for name, value in changes.items():
        if value is None or value == "":
            query.pop(name, None)
        else:
            query[name] = str(value)
    return f"?{query.urlencode()}" if query else "?"


@register.simple_tag
def breadcrumbs(*pairs: str) -> SafeString:
    """Show the way here, this page last: {% breadcrumbs "Devices" devices_url device.pk %}."""
    steps = [
        format_html('<li><a href="{}">{}</a></li>', pairs[at + 1], pairs[at]) for at in range(0, len(pairs) - 1, 2)
    ]
    here = format_html('<li aria-current="page">{}</li>', pairs[-1]) if len(pairs) % 2 else ""
    return format_html(
        '<nav class="breadcrumbs" aria-label="Breadcrumb"><ol>{}{}</ol></nav>',
        mark_safe("".join(steps)),  # noqa: S308 - escaped above
        here,
    )


# --- Frames around other content ------------------------------------------------------------------


@register.simple_block_tag
def table(content: str, caption: str, hide_caption: bool = False) -> SafeString:
    """Frame a table so that it scrolls inside itself: {% table "Devices" %}<thead>…<tbody>…{% endtable %}.

    Where it fits the window its header row sticks to the top (js/table-fits.js).
    """
    return format_html(
        '<div class="table-scroll" role="group" aria-label="{}" tabindex="0"><table>'
        "<caption{}>{}</caption>{}</table></div>",
        caption,
        mark_safe(' class="visually-hidden"') if hide_caption else "",
        caption,
        content,
    )


@register.simple_block_tag
def panel(
    content: str, title: str, url: str = "", count: int | None = None, tone: str = "", *, exact: bool = False
) -> SafeString:
    """Frame a card: {% panel "Waiting for you" url=list_url count=7 tone="attention" %}…{% endpanel %}.

    `exact` says that `count` is one, however large; else a count above where lists stop reads "more than".
    """
    name = format_html('<a href="{}">{}</a>', url, title) if url else title
    words = "" if count is None else number(count) if exact else count_of(count)
    figure = format_html('<span class="panel-count">{}</span>', words) if words else ""
    css = f" panel-{tone}" if tone in TONES else ""
    return format_html(
        '<section class="panel{}"><h2 class="panel-title">{} {}</h2>{}</section>', css, name, figure, content
    )


@register.simple_block_tag
def warning(content: str, title: str = "Important") -> SafeString:
    """Frame a warning one must not overlook: {% warning %}This cannot be undone.{% endwarning %}."""
    named = format_html('<strong class="visually-hidden">{}:</strong>', title)
    return format_html('<div class="warning">{} {}</div>', named, content)


@register.simple_block_tag
def note(content: str) -> SafeString:
    """Frame a calm remark: {% note %}Counted from the next Working Day.{% endnote %}."""
    return format_html('<div class="note">{}</div>', content)


@register.simple_block_tag
def confirmation(content: str, title: str, reference: str = "") -> SafeString:
    """Frame what was done and comes next: {% confirmation "Raised" reference=ref %}…{% endconfirmation %}."""
    number = (
        format_html('<p class="confirmation-reference">Your reference {}</p>', identifier(reference))
        if reference
        else ""
    )
    return format_html(
        '<div class="confirmation"><div class="confirmation-head" role="status"><h1>{}</h1>{}</div>'
        '<div class="confirmation-next"><h2>What happens next</h2>{}</div></div>',
        title,
        number,
        content,
    )


@register.simple_block_tag
def empty_state(content: str, title: str) -> SafeString:
    """Say that a list is empty and what to do: {% empty_state "No devices match" %}…{% endempty_state %}."""
    return format_html('<div class="empty"><p class="empty-title">{}</p>{}</div>', title, content)


@register.simple_block_tag
def disclosure(content: str, summary: str, is_open: bool = False) -> SafeString:
    """Fold something away: {% disclosure "Why this User?" %}…{% enddisclosure %}."""
    return format_html(
        '<details class="disclosure"{}><summary>{}</summary><div class="disclosure-body">{}</div></details>',
        mark_safe(" open") if is_open else "",
        summary,
        content,
    )


# --- Actions and progress -------------------------------------------------------------------------


def _greyed(label: str, reason: str, css: str) -> SafeString:
    anchor = f"why-{uuid.uuid4().hex[:8]}"
    return format_html(
        '<span class="greyed"><button type="button" class="button {2}" aria-disabled="true" '
        'aria-describedby="{0}">{1}</button> <span class="greyed-reason" id="{0}">{3}</span></span>',
        anchor,
        label,
        css,
        reason,
    )


@register.simple_tag
def action_link(label: str, url: str, reason: str = "", kind: str = "secondary") -> SafeString:
    """Show a link as a button, or greyed with the reason: {% action_link "Answer" url reason=why %}.

    `kind`: primary, secondary, quiet or danger.
    """
    css = f"button-{kind}"
    if reason:
        return _greyed(label, reason, css)
    return format_html('<a class="button {}" href="{}">{}</a>', css, url, label)


@register.simple_tag(takes_context=True)
def action_button(
    context: Context, label: str, url: str, reason: str = "", kind: str = "secondary", **hidden: object
) -> SafeString:
    """Show a one-button POST form, or greyed: {% action_button "Close" url reason=why outcome="worked" %}.

    Further keyword arguments become hidden fields; CSRF token and idempotency key are added.
    """
    css = f"button-{kind}"
    if reason:
        return _greyed(label, reason, css)
    hidden = {
        "csrfmiddlewaretoken": get_token(context["request"]),
        "idempotency_key": str(uuid.uuid4()),
        **hidden,
    }
    fields = format_html_join("", '<input type="hidden" name="{}" value="{}">', hidden.items())
    return format_html(
        '<form class="action" method="post" action="{}">{}<button class="button {}">{}</button></form>',
        url,
        fields,
        css,
        label,
    )


@register.simple_tag
def progress(done: int, total: int, label: str) -> SafeString:
    """Show how far a long job is: {% progress batch.done batch.total "Requests raised" %}."""
    percent = 100 * done // total if total else 0
    return format_html(
        '<div class="progress"><span class="progress-label">{0}</span>'
        '<progress max="{2}" value="{1}" aria-label="{0}">{4} %</progress>'
        '<span class="progress-figures">{3}</span></div>',
        label,
        min(done, total),
        total or 1,
        f"{done:,} of {total:,}",
        percent,
    )


# --- Forms ----------------------------------------------------------------------------------------


@register.simple_tag
def error_summary(form: Any) -> SafeString | str:
    """Show a form's errors, each linked to its field. base.html does it for `form`; use it for others."""
    if not isinstance(form, forms.BaseForm) or not form.errors or getattr(form, "summary_shown", False):
        return ""
    setattr(form, "summary_shown", True)  # noqa: B010 - so that the form's own template does not repeat it
    order = [name for name in (*form.fields, NON_FIELD_ERRORS) if name in form.errors]
    findings = [
        {
            "message": " ".join(error.messages),
            "suggestion": suggestion_for(error),
            "target": _target(form, name),
        }
        for name in order
        for error in form.errors[name].as_data()
    ]
    return render_to_string("components/error_summary.html", {"findings": findings})


def _target(form: forms.BaseForm, name: str) -> str:
    """Return the id of the control that an error of `name` is about, or "" where none can be seen."""
    if name not in form.fields or form[name].is_hidden:
        return ""
    return form[name].id_for_label or f"{form[name].auto_id}_0"


@register.filter
def way_out(error: ValidationError) -> str:
    """Return what to do about one error of a form; used by the form templates."""
    return suggestion_for(error)


@register.filter
def is_single_checkbox(field: forms.BoundField) -> bool:
    """Tell whether a field is one tick box, whose label stands beside the box instead of above it."""
    return isinstance(field.field.widget, forms.CheckboxInput)
