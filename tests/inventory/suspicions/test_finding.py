"""Suspicions: what is probably wrong, what it should probably be, and whose it is to put right."""

from datetime import date
from typing import Any

import pytest

from inventory.actions.suspicions import SUSPICIONS, refresh_suspicions
from inventory.actions.suspicions.finding import FEWEST, with_switch
from inventory.models import CplEntry, Device, DeviceModel, RollUp, Suspicion
from inventory.models.choices import DeviceType, EsmeVariant, RegistrationKind, SmiStatus, Suspect
from ssi.eui64 import Eui64
from tests.factories.accounts import UserIdFactory
from tests.factories.inventory import DeviceFactory, DeviceModelFactory, MeterPointFactory
from tests.factories.registrations import RegistrationFactory

pytestmark = pytest.mark.django_db

A, AD, B, BD = EsmeVariant.A, EsmeVariant.AD, EsmeVariant.B, EsmeVariant.BD
Found = set[tuple[Any, ...]]


def found(kind: Suspect) -> Found:
    return {
        (each.device_id, each.current, each.expected, each.user_id) for each in Suspicion.objects.filter(kind=kind)
    }


def usual(model: DeviceModel, number: int = FEWEST, variant: EsmeVariant = A) -> list[Device]:
    return DeviceFactory.create_batch(number, device_model=model, esme_variant=variant)


def installed(**facts: Any) -> Device:
    """Return an ESME in service."""
    return DeviceFactory.create(
        **{"smi_status": SmiStatus.COMMISSIONED, "import_meter_point": MeterPointFactory.create()} | facts
    )


class TestUnlikeItsModel:
    def test_few_among_many_are_suspected(self) -> None:
        model = DeviceModelFactory.create()
        usual(model)
        odd = DeviceFactory.create(device_model=model, esme_variant=B)
        refresh_suspicions()
        assert found(Suspect.UNLIKE_ITS_MODEL) == {(odd.pk, B, A, odd.notified_by_id)}

    def test_firmware_makes_no_other_model(self) -> None:
        usual(DeviceModelFactory.create())
        odd = DeviceFactory.create(
            device_model=DeviceModelFactory.create(firmware_version="00020399"), esme_variant=B
        )
        refresh_suspicions()
        assert {row[0] for row in found(Suspect.UNLIKE_ITS_MODEL)} == {odd.pk}

    def test_too_few_say_nothing(self) -> None:
        model = DeviceModelFactory.create()
        usual(model, FEWEST - 2)
        DeviceFactory.create(device_model=model, esme_variant=B)
        refresh_suspicions()
        assert not found(Suspect.UNLIKE_ITS_MODEL)

    @pytest.mark.parametrize(("odd", "suspected"), [(20, 20), (21, 0)])
    def test_the_majority_must_be_clear(self, odd: int, suspected: int) -> None:
        model = DeviceModelFactory.create()
        usual(model, 80)
        usual(model, odd, B)
        refresh_suspicions()
        assert len(found(Suspect.UNLIKE_ITS_MODEL)) == suspected

    def test_what_is_over_neither_counts_nor_is_suspected(self) -> None:
        model = DeviceModelFactory.create()
        usual(model, FEWEST - 1)
        gone = {"device_model": model, "smi_status": SmiStatus.DECOMMISSIONED}
        DeviceFactory.create(**gone, esme_variant=A)
        DeviceFactory.create(**gone, esme_variant=B)
        refresh_suspicions()
        assert not found(Suspect.UNLIKE_ITS_MODEL)
        usual(model, 1)
        refresh_suspicions()
        assert not found(Suspect.UNLIKE_ITS_MODEL)

    def test_a_variant_that_is_not_on_record_is_no_contradiction(self) -> None:
        model = DeviceModelFactory.create()
        usual(model)
        DeviceFactory.create(device_model=model, esme_variant=None)
        refresh_suspicions()
        assert not found(Suspect.UNLIKE_ITS_MODEL)


class TestUnlikeItsHome:
    def home(self, variant: EsmeVariant, switch: SmiStatus = SmiStatus.COMMISSIONED) -> Device:
        hub = DeviceFactory.create(device_type=DeviceType.CHF, smi_status=SmiStatus.COMMISSIONED)
        DeviceFactory.create(device_type=DeviceType.HCALCS, comms_hub=hub, smi_status=switch)
        return installed(comms_hub=hub, esme_variant=variant)

    def test_a_switch_and_no_d(self) -> None:
        odd = self.home(A)
        self.home(AD)
        refresh_suspicions()
        assert found(Suspect.UNLIKE_ITS_HOME) == {(odd.pk, A, AD, odd.notified_by_id)}

    def test_a_switch_that_is_gone_says_nothing(self) -> None:
        self.home(A, SmiStatus.DECOMMISSIONED)
        refresh_suspicions()
        assert not found(Suspect.UNLIKE_ITS_HOME)

    def test_another_meter_of_the_home_may_have_the_d(self) -> None:
        meter = self.home(A)
        installed(comms_hub=meter.comms_hub, esme_variant=BD)
        refresh_suspicions()
        assert not found(Suspect.UNLIKE_ITS_HOME)

    def test_every_variant_has_one_with_a_switch(self) -> None:
        assert {with_switch(each) for each in EsmeVariant} == {each for each in EsmeVariant if "D" in each.duis}
        assert with_switch(EsmeVariant.BEF) == EsmeVariant.BDEF


class TestUnlikeTheCpl:
    def entry(self, variant: EsmeVariant | None, **facts: Any) -> CplEntry:
        product = {
            "device_type": DeviceType.ESME,
            "manufacturer": "2F01",
            "model_identifier": "41A0",
            "hardware_version": "0102",
            "firmware_version": "00020311",
            "smets_version": "SMETS V4.2",
            "added_date": date(2020, 1, 1),
        }
        return CplEntry.objects.create(**product | facts, esme_variant=variant)

    def test_the_list_says_otherwise(self) -> None:
        self.entry(AD)
        odd = DeviceFactory.create()
        DeviceFactory.create(esme_variant=AD)
        DeviceFactory.create(device_model=DeviceModelFactory.create(firmware_version="00020399"))
        refresh_suspicions()
        assert found(Suspect.UNLIKE_THE_CPL) == {(odd.pk, A, AD, odd.notified_by_id)}

    @pytest.mark.parametrize("facts", [{"removed_date": date(2021, 1, 1)}, {"smets_version": "SMETS V5.0"}])
    def test_other_entries_say_nothing(self, facts: dict[str, Any]) -> None:
        self.entry(AD, **facts)
        DeviceFactory.create()
        refresh_suspicions()
        assert not found(Suspect.UNLIKE_THE_CPL)

    def test_entries_that_disagree_say_nothing(self) -> None:
        self.entry(AD)
        self.entry(BD, model_identifier="41A", hardware_version="00102")
        DeviceFactory.create()
        refresh_suspicions()
        assert not found(Suspect.UNLIKE_THE_CPL)


def test_commissioned_meters_without_a_meter_point() -> None:
    bare = installed(import_meter_point=None)
    gas = installed(device_type=DeviceType.GSME, import_meter_point=None)
    installed(import_meter_point=None, export_meter_point=MeterPointFactory.create())
    DeviceFactory.create(import_meter_point=None)
    refresh_suspicions()
    assert found(Suspect.NO_METER_POINT) == {
        (bare.pk, A, None, bare.notified_by_id),
        (gas.pk, None, None, gas.notified_by_id),
    }


class TestWhoMayPutItRight:
    def odd(self, **facts: Any) -> Device:
        usual(DeviceModelFactory.create())
        return installed(esme_variant=B, **facts)

    def whose(self) -> set[Eui64 | None]:
        return {row[3] for row in found(Suspect.UNLIKE_ITS_MODEL)}

    def test_the_responsible_supplier_of_what_is_installed(self) -> None:
        supplier, point = UserIdFactory.create(), MeterPointFactory.create()
        RegistrationFactory.create(meter_point=point, user_id=supplier)
        self.odd(import_meter_point=point)
        refresh_suspicions()
        assert self.whose() == {supplier.pk}

    def test_the_export_supplier_as_well(self) -> None:
        users, points = UserIdFactory.create_batch(2), MeterPointFactory.create_batch(2)
        RegistrationFactory.create(meter_point=points[0], user_id=users[0])
        RegistrationFactory.create(meter_point=points[1], user_id=users[1], kind=RegistrationKind.EXPORT_SUPPLIER)
        self.odd(import_meter_point=points[0], export_meter_point=points[1])
        refresh_suspicions()
        assert self.whose() == {user.pk for user in users}

    def test_the_notifying_party_of_what_is_pending(self) -> None:
        point = MeterPointFactory.create()
        RegistrationFactory.create(meter_point=point)
        odd = self.odd(import_meter_point=point, smi_status=SmiStatus.PENDING)
        refresh_suspicions()
        assert self.whose() == {odd.notified_by_id}

    def test_nobody_where_nobody_is_known(self) -> None:
        self.odd(notified_by=None)
        refresh_suspicions()
        assert self.whose() == {None}


def test_what_is_put_right_goes_and_the_rest_is_not_written_again() -> None:
    model = DeviceModelFactory.create()
    usual(model)
    stays, right = DeviceFactory.create_batch(2, device_model=model, esme_variant=B)
    refresh_suspicions()
    kept = Suspicion.objects.get(device_id=stays.pk).pk
    Device.objects.filter(pk=right.pk).update(esme_variant=A)
    bare = installed(import_meter_point=None)
    done = refresh_suspicions()
    assert done
    assert (done.new, done.over) == (1, 1)
    assert {each.pk for each in Suspicion.objects.filter(device_id=stays.pk)} == {kept}
    assert found(Suspect.NO_METER_POINT) == {(bare.pk, A, None, bare.notified_by_id)}
    assert RollUp.objects.get(name=SUSPICIONS).refreshed_at == done.at
