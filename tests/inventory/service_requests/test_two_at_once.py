"""Messages from two sides at the same moment, on real PostgreSQL: one is first, the other finds what it left."""

from collections import Counter
from collections.abc import Callable
from itertools import pairwise

import pytest

from inventory.duis.messages import DeviceCommand, HanDeviceLogUpdate
from inventory.models import AwaitedResponse, Device, DeviceStatusChange
from inventory.models.choices import SmiStatus
from tests.inventory.duis.test_import_concurrency import together
from tests.inventory.service_requests.sending import Home, build_home, history, respond, send, status, tell

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def home() -> Home:
    return build_home()


def in_order(home: Home) -> bool:
    """Tell whether the histories have no gap."""
    steps = [history(each) for each in (home.esme, home.gsme, home.ppmid)]
    return all(one[1] == next_one[0] for own in steps for one, next_one in pairwise(own))


def answering(asked: DeviceCommand | HanDeviceLogUpdate) -> Callable[[], str]:
    return lambda: respond(asked).response_code


def test_one_of_two_responses_counts(home: Home) -> None:
    for device in (home.esme, home.gsme):
        asked = home.asked("8.1.1", device)
        send(asked)
        assert Counter(together(*[answering(asked)] * 2)) == {"I0": 1, "SSI-RESPONSE-DOUBLED": 1}
        assert status(device) is SmiStatus.COMMISSIONED
    assert DeviceStatusChange.objects.count() == 2


def test_one_of_two_requests_of_one_id_is_sent(home: Home) -> None:
    asked = home.asked("8.1.1", home.esme)
    codes = together(*[lambda: send(asked).response_code] * 2)
    assert Counter(codes) == {"I99": 1, "SSI-REQUEST-DOUBLED": 1}
    assert AwaitedResponse.objects.count() == 1


def test_commissioned_and_decommissioned_at_once(home: Home) -> None:
    def decommission(device: Device) -> Callable[[], str]:
        return lambda: home.decommission(device).response_code

    for device in (home.esme, home.gsme):
        asked = home.asked("8.1.1", device)
        send(asked)
        assert together(answering(asked), decommission(device)) == ["I0", "I99"]
        assert status(device) is SmiStatus.DECOMMISSIONED
        assert in_order(home)


def test_the_hub_and_the_dcc_tell_of_one_8_11_at_once(home: Home) -> None:
    Device.objects.filter(pk=home.ppmid.pk).update(smi_status=SmiStatus.PENDING, comms_hub=None)
    asked = home.log_update(home.ppmid)
    send(asked, "8.11")
    codes = together(answering(asked), lambda: tell(asked, "N24").response_code)
    assert codes == ["I0", "I0"]
    assert len(history(home.ppmid)) == 1
    assert set(AwaitedResponse.objects.get().code.split()) == {"I0", "N24"}


def test_the_same_pair_named_both_ways_round(home: Home) -> None:
    """Two requests about the same devices wait for each other, and not in a circle."""
    for _ in range(3):
        one, other = home.asked("8.7.2", home.ppmid, home.esme), home.asked("8.7.1", home.esme, home.ppmid)
        send(one)
        send(other)
        assert together(answering(one), answering(other)) == ["I0", "I0"]
        assert in_order(home)
    assert len(history(home.ppmid)) == 1
