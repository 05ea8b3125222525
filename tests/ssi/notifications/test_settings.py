"""What a deployment says about e-mails is taken as it is meant, or refused with the way out."""

import runpy
from datetime import time
from email import message_from_string, policy
from email.utils import make_msgid
from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured
from pytest_django import Settings

from ssi.notifications.bounces import _MESSAGE_ID
from ssi.notifications.models import new_message_id
from ssi.settings import BASE_DIR


def read_settings(monkeypatch: pytest.MonkeyPatch, **environment: str) -> dict[str, Any]:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    return runpy.run_path(str(BASE_DIR / "ssi" / "settings.py"))


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("https://ssi.example", "ssi.example"),
        ("https://SSI.Example:8443/", "ssi.example"),
        ("http://127.0.0.1:8000", "127.0.0.1"),
        ("http://[::1]:8000", "[IPv6:::1]"),
        ("https://zähler.example", "xn--zhler-gra.example"),
    ],
)
def test_message_ids_end_in_the_portals_own_host(
    address: str, domain: str, monkeypatch: pytest.MonkeyPatch, settings: Settings
) -> None:
    found = read_settings(monkeypatch, SSI_BASE_URL=address, SSI_DEMO="0")
    assert domain == found["SSI_MESSAGE_ID_DOMAIN"]
    settings.SSI_MESSAGE_ID_DOMAIN = domain
    message_id = new_message_id()
    assert message_id.endswith(f"@{domain}>")
    assert _MESSAGE_ID.fullmatch(message_id)
    mail = message_from_string(f"Message-ID: {message_id}\n\n", policy=policy.default)
    assert not mail["Message-ID"].defects


def test_the_longest_host_has_room_for_its_message_ids() -> None:
    longest = ".".join(["a" * 63] * 4)[:253]
    assert len(make_msgid(domain=longest)) <= 320


@pytest.mark.parametrize(("given", "meant"), [("08:30", time(8, 30)), ("9:05", None), ("17:00+01:00", time(17))])
def test_the_hour_of_summaries_is_a_time_of_day(
    given: str, meant: time | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if meant is None:
        with pytest.raises(ImproperlyConfigured, match=r"Write it like 08:30; London time\."):
            read_settings(monkeypatch, SSI_DIGEST_AT=given)
    else:
        assert read_settings(monkeypatch, SSI_DIGEST_AT=given)["SSI_DIGEST_AT"] == meant
