"""The demo's traffic: counted from its trail, and made up where the trail has none."""

import pytest
from django.core.management import call_command
from django.utils import timezone

from inventory import demo_traffic
from inventory.models import AuditTrailEntry, TrafficHour
from ssi.accounts.demo_accounts import BRIGHTGRID, NORTHLIGHT
from ssi.eui64 import Eui64
from ssi.uploads import traffic as messages_sent
from ssi.uploads.search.sent import What, peaks

pytestmark = pytest.mark.django_db
MADE_UP = {"1.1.1", "1.2.1", "2.2", "7.1", "7.2"}


def test_both_suppliers_have_traffic_to_hold_thresholds_against() -> None:
    call_command("load_demo")
    assert not AuditTrailEntry.objects.filter(srv__in=MADE_UP).exists()
    for sender in (NORTHLIGHT, BRIGHTGRID):
        found = peaks(Eui64.parse(sender.user_id), now=timezone.now())
        assert {what.srv for what in found} > MADE_UP | {"4.6.1", "8.1.1"}
        for what in (What("1.1.1", "SPC", "DAY"), What("2.2", "SR", "HOUR")):
            assert found[what].last_30 is not None
    in_all = TrafficHour.objects.count()
    assert demo_traffic.load() == ""
    assert TrafficHour.objects.count() == in_all
    assert messages_sent.pre_commands_since() is not None
