"""The people of the demo estate as fixtures, and what every test stands on."""

from typing import Any

import pgtrigger
import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import TransactionTestCase

from ssi import waking
from ssi.accounts.demo_accounts import DEMO_ACCOUNTS, DEMO_FEED
from ssi.accounts.models import Person
from tests.factories.accounts import demo_person

_ACCOUNTS = {account.email.split("@")[0]: account for account in DEMO_ACCOUNTS}
PERSONAS = tuple(_ACCOUNTS)
"""The names of the fixtures below, for tests that ask everybody."""

_flush = TransactionTestCase._fixture_teardown  # type: ignore[attr-defined]


def pytest_configure() -> None:
    """Make passwords cheap to check, serve static files unbundled, and clean up after tests that commit."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    settings.STATIC_ROOT.mkdir(parents=True, exist_ok=True)
    waking.EVERY = 0.0  # each hint to a worker goes at once
    TransactionTestCase._fixture_teardown = _flush_with_the_audit_log  # type: ignore[attr-defined]


def _flush_with_the_audit_log(case: TransactionTestCase) -> None:
    """Empty every table after a test that committed: the audit log refuses that to everyone else."""
    with pgtrigger.ignore("audit.AuditEvent:no_truncate"):
        _flush(case)
    cache.clear()


def _person(name: str) -> Any:
    def person(db: None) -> Person:
        return demo_person(_ACCOUNTS[name])

    person.__doc__ = f"Return {_ACCOUNTS[name].name}, {_ACCOUNTS[name].who}."
    return pytest.fixture(name=name)(person)


gina = _person("gina")
vera = _person("vera")
aroha = _person("aroha")
sunil = _person("sunil")
adam = _person("adam")
ivan = _person("ivan")
bela = _person("bela")
rhea = _person("rhea")
nils = _person("nils")
olu = _person("olu")
dana = _person("dana")


@pytest.fixture
def feed(db: None) -> Person:
    """Return the account of DCC's feed, which calls the API and never signs in."""
    return demo_person(DEMO_FEED)
