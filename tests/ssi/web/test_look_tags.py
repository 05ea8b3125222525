"""The template vocabulary: dates in London, states in words, everything escaped."""

import datetime as dt

import pytest
from django.conf import settings
from django.template import Context, Template
from django.test import RequestFactory
from time_machine import TimeMachineFixture

from ssi.access.roles import UserRole
from ssi.web.tones import TONES, tone_of


def shown(source: str, path: str = "/devices/", **facts: object) -> str:
    return Template(source).render(Context({"request": RequestFactory().get(path), **facts}))


SUMMER = dt.datetime(2026, 8, 26, 16, 0, tzinfo=dt.UTC)


def test_a_moment_is_told_in_london_time() -> None:
    html = shown("{{ at|when }}", at=SUMMER)
    assert html == '<time datetime="2026-08-26T17:00:00+01:00">Wed 26 Aug 2026, 17:00</time>'


def test_a_moment_just_before_midnight_utc_is_the_next_day_in_a_london_summer() -> None:
    html = shown("{{ at|day }}", at=SUMMER.replace(hour=23, minute=30))
    assert html == '<time datetime="2026-08-27">Thu 27 Aug 2026</time>'


@pytest.mark.parametrize("name", ["when", "day", "due"])
def test_no_date_shows_nothing(name: str) -> None:
    assert shown("{{ at|" + name + " }}", at=None) == ""


@pytest.mark.parametrize(("days", "tag"), [(-1, "Overdue"), (0, "Due today"), (1, "")])
def test_a_due_date_says_when_it_is_late(time_machine: TimeMachineFixture, days: int, tag: str) -> None:
    time_machine.move_to(dt.datetime(2026, 11, 22, 23, 59, tzinfo=dt.UTC))
    html = shown("{{ on|due }}", on=dt.date(2026, 11, 22) + dt.timedelta(days=days))
    assert (tag in html) if tag else ("tag" not in html)


@pytest.mark.parametrize(
    ("state", "words", "tone"),
    [
        ("Commissioned", "Commissioned", "good"),
        ("InstalledNotCommissioned", "Installed, not commissioned", "under-way"),
        ("with_service_desk", "With service desk", "attention"),
        ("WITHDRAWN", "WITHDRAWN", "over"),
        ("something new", "Something new", "waiting"),
        (None, "No status", "over"),
        (UserRole.IS, "Import Supplier", "waiting"),
    ],
)
def test_a_state_is_words_and_a_tone(state: object, words: str, tone: str) -> None:
    assert shown("{{ state|status }}", state=state) == f'<span class="tag tag-{tone}">{words}</span>'


def test_every_tone_has_a_class_and_a_shape_of_its_own() -> None:
    sheet = (settings.BASE_DIR / "static/css/components/tags.css").read_text()
    for tone in TONES:
        assert f".tag-{tone} {{" in sheet
        assert f".tag-{tone}::before {{" in sheet


def test_a_tone_can_be_given() -> None:
    assert 'class="tag tag-bad"' in shown('{% status_tag "Odd" tone="bad" %}')
    assert tone_of("Odd").css == "waiting"


def test_identifiers_are_escaped_everywhere() -> None:
    html = shown(
        "{{ evil|identifier }}{{ evil|mono }}{{ evil|status }}"
        '{% identifier_link evil "/x" %}{% user_id evil evil evil %}',
        evil='"><script>',
    )
    assert "<script>" not in html


def test_an_identifier_can_be_copied() -> None:
    html = shown("{{ id|identifier }}", id="00-DB-30-11-22-33-44-55")
    assert 'data-copy="00-DB-30-11-22-33-44-55"' in html
    assert 'aria-label="Copy 00-DB-30-11-22-33-44-55"' in html


@pytest.mark.parametrize("name", ["identifier", "mono", "or_none"])
def test_nothing_is_said_in_words(name: str) -> None:
    assert shown("{{ value|" + name + " }}", value="") == '<span class="none">none</span>'


@pytest.mark.parametrize(("number", "words"), [(0, "0"), (10_000, "10,000"), (10_001, "more than 10,000")])
def test_counts_stop_at_ten_thousand(number: int, words: str) -> None:
    assert shown("{{ n|count_of }}", n=number) == words


def test_the_query_is_kept_and_changed() -> None:
    source = '{% url_with cursor="a b" status=None %}'
    assert shown(source, "/devices/?status=1&type=2&type=3&cursor=old") == "?type=2&amp;type=3&amp;cursor=a+b"
    assert shown("{% url_with cursor=None %}", "/devices/?cursor=old") == "?"


def test_breadcrumbs_end_with_this_page() -> None:
    html = shown('{% breadcrumbs "Devices" "/devices/" name %}', name="<b>")
    assert '<a href="/devices/">Devices</a>' in html
    assert '<li aria-current="page">&lt;b&gt;</li>' in html


def test_an_action_that_is_not_allowed_says_why() -> None:
    html = shown('{% action_link "Close" "/x" reason="Only the raiser may close it." %}')
    assert 'aria-disabled="true"' in html
    assert "Only the raiser may close it." in html
    assert "/x" not in html


def test_an_action_button_posts_with_token_and_key() -> None:
    html = shown('{% action_button "Close" "/x" outcome="worked" %}')
    assert 'method="post"' in html
    for name in ("csrfmiddlewaretoken", "idempotency_key", "outcome"):
        assert f'name="{name}"' in html


def test_progress_never_runs_over() -> None:
    assert 'max="10" value="10"' in shown('{% progress 12 10 "Rows" %}')
    assert 'max="1" value="0"' in shown('{% progress 0 0 "Rows" %}')


def test_frames_escape_their_titles_and_keep_their_content() -> None:
    for tag, end in [("table", "endtable"), ("panel", "endpanel"), ("disclosure", "enddisclosure")]:
        html = shown("{% " + tag + " title %}<b>kept</b>{% " + end + " %}", title="<i>")
        assert "<i>" not in html
        assert "<b>kept</b>" in html


def test_a_table_names_the_region_that_scrolls() -> None:
    html = shown('{% table "Devices" %}<tbody></tbody>{% endtable %}')
    assert 'role="group" aria-label="Devices" tabindex="0"' in html
    assert "<caption>Devices</caption>" in html


def test_fifty_rows_are_cheap() -> None:
    rows = [{"id": f"00-DB-30-11-22-33-44-{n:02X}", "at": SUMMER} for n in range(50)]
    source = '{% for r in rows %}{% identifier_link r.id "/x" %}{{ "Assigned"|status }}{{ r.at|when }}{% endfor %}'
    template = Template(source)
    context = Context({"rows": rows})
    template.render(context)
    start = dt.datetime.now(tz=dt.UTC)
    template.render(context)
    assert (dt.datetime.now(tz=dt.UTC) - start).total_seconds() < 0.1
