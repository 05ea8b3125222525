"""The pages of corrections: the form, the check page, deletion, DCC's manual process, files; and who may not."""

import re

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from inventory.actions.corrections import batches, manual
from inventory.actions.details import change_details
from inventory.models import CorrectionBatch, Device, ManualCorrection, RemovedDevice
from inventory.models.choices import DeviceType, EsmeVariant, SmiStatus
from ssi.access.actor import Actor
from ssi.accounts.models import Person
from ssi.notifications.models import OutboxMessage
from ssi.refusals import NotAllowed
from tests.factories.corrections import applied, checked, csv_of, meter_of, worked_off
from tests.factories.inventory import DeviceFactory, DeviceModelFactory
from tests.personas import actor_of, client_of

pytestmark = pytest.mark.django_db
A, BD = EsmeVariant.A, EsmeVariant.BD
KEY = {"idempotency_key": "8d3a4c1e-7f21-4a55-9e1b-2f6f1c0a9b7d"}


@pytest.fixture(name="us")
def _us(gina: Person) -> Actor:
    return actor_of(gina, "IS")


@pytest.fixture
def browser(gina: Person) -> Client:
    return client_of(gina, "IS")


def text_of(response: object) -> str:
    content = response.content.decode()  # type: ignore[attr-defined]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", content))


def test_the_responsible_supplier_corrects_the_variant_after_a_check(us: Actor, browser: Client) -> None:
    device = meter_of(us.user_id)
    url = f"/devices/{device.pk}/correct/"

    page = text_of(browser.get(url))
    assert "Responsible Supplier, ESME Variant of a SMETS2+ device in use (SECMP0125)" in page
    assert "Only a Pending device may be changed so, and this one is Commissioned." in page
    check = browser.post(url, {**KEY, "step": "check", "esme_variant": "BD"})
    assert "Check your answers" in text_of(check)
    device.refresh_from_db()
    assert device.esme_variant == A
    done = browser.post(url, {**KEY, "step": "send", "esme_variant": "BD"}, follow=True)
    assert "The device is corrected" in text_of(done)
    again = browser.post(url, {**KEY, "step": "send", "esme_variant": "BD"}, follow=True)
    assert "The device is corrected" in text_of(again)
    device.refresh_from_db()
    assert device.esme_variant == BD
    shown = text_of(browser.get(device.get_absolute_url()))
    assert "ESME Variant: A → BD" in shown
    assert "Corrected on screen, as Responsible Supplier" in shown
    assert "Northlight Energy" in shown


def test_what_is_left_as_it_is_changes_nothing(us: Actor, browser: Client) -> None:
    device = meter_of(us.user_id)
    page = text_of(browser.post(f"/devices/{device.pk}/correct/", {**KEY, "step": "check", "esme_variant": "A"}))
    assert "The device carries these details already." in page


def test_the_notifying_party_corrects_the_model_of_a_pending_device(us: Actor, browser: Client) -> None:
    device = meter_of(None, SmiStatus.PENDING, notified_by_id=us.user_id)
    model = device.device_model
    wanted = {
        "esme_variant": "A",
        "manufacturer": "106C",
        "model": "433100AC",
        "smets_version": model.smets_version,
        "firmware_version": model.firmware_version,
    }
    browser.post(f"/devices/{device.pk}/correct/", {**KEY, "step": "send", **wanted})
    device.refresh_from_db()
    assert (device.device_model.manufacturer, device.device_model.model) == ("106C", "433100AC")
    assert device.device_model.firmware_version == model.firmware_version


def test_others_see_the_rule_and_are_refused(us: Actor, ivan: Person) -> None:
    device = meter_of(us.user_id)
    theirs = client_of(ivan, "IS")
    url = f"/devices/{device.pk}/correct/"

    page = text_of(theirs.get(url))
    assert "Only its Responsible Supplier may correct the ESME Variant" in page
    theirs.post(url, {**KEY, "step": "send", "esme_variant": "BD"})
    theirs.post(f"/devices/{device.pk}/delete/", KEY)
    device.refresh_from_db()
    assert device.esme_variant == A
    action = text_of(theirs.get(device.get_absolute_url()))
    assert "Correct details" in action
    assert "Only its Responsible Supplier may" in action


def test_a_pending_device_is_deleted_after_a_check(us: Actor, browser: Client, ivan: Person) -> None:
    device = meter_of(None, SmiStatus.PENDING, notified_by_id=us.user_id)
    url = f"/devices/{device.pk}/delete/"

    assert client_of(ivan).post(url, KEY).status_code == 422
    assert "This cannot be undone" in text_of(browser.get(url))
    done = browser.post(url, KEY, follow=True)
    assert "The device is deleted" in text_of(done)
    assert not Device.objects.filter(pk=device.pk).exists()
    assert RemovedDevice.objects.filter(device_id=device.pk).exists()
    assert browser.get(url).status_code == 404


def test_a_hub_or_commissioned_device_is_not_deleted(us: Actor, browser: Client) -> None:
    hub = DeviceFactory.create(device_type=DeviceType.CHF, notified_by_id=us.user_id)
    used = meter_of(us.user_id, notified_by_id=us.user_id)
    for device in (hub, used):
        assert browser.post(f"/devices/{device.pk}/delete/", KEY).status_code == 422
        assert Device.objects.filter(pk=device.pk).exists()


@pytest.mark.parametrize(
    "path", ["correct/", "correct/desk/", "delete/", "correct/corrected/", "correct/deleted/"]
)
def test_what_is_not_there_is_404(browser: Client, path: str) -> None:
    assert browser.get(f"/devices/00-DB-12-00-00-00-47-11/{path}").status_code == 404


def test_whoever_may_not_correct_sees_no_such_page(us: Actor, vera: Person, dana: Person) -> None:
    device = meter_of(us.user_id)
    for person in (vera, dana):
        client = client_of(person)
        for path in (
            f"/devices/{device.pk}/correct/",
            f"/devices/{device.pk}/delete/",
            "/corrections/",
            "/corrections/new/",
        ):
            assert client.get(path).status_code == 403
        assert "Correct details" not in text_of(client.get(device.get_absolute_url()))


# --- DCC's manual process ----------------------------------------------------------------------------------------


def asked(device: Device, us: Actor) -> ManualCorrection:
    return manual.ask(device.pk, manufacturer="106C", model="433100AC", reason="The label says so.", by=us)


def test_two_of_the_desk_make_what_the_supplier_asks(us: Actor, browser: Client, dana: Person) -> None:
    device = meter_of(us.user_id)
    answers = {"manufacturer": "106C", "model": "433100AC", "reason": "The label says so."}
    page = browser.post(f"/devices/{device.pk}/correct/desk/", {**KEY, **answers}, follow=True)
    correction = ManualCorrection.objects.get()
    assert correction.reference in text_of(page)
    assert set(OutboxMessage.objects.values_list("recipient", flat=True)) == {dana.email}

    desk, other = (
        client_of(dana),
        client_of(Person.objects.create(email="dave@dcc.example", name="Dave", is_dcc_staff=True)),
    )
    url = f"/admin/inventory/manualcorrection/{correction.pk}/"
    led = desk.get(f"/incidents/{correction.reference}/", follow=True)
    assert led.redirect_chain[-1][0] == f"{url}change/"
    desk.post(f"{url}change/", {"decision": "propose", "answer": "The CPL has it so."})
    correction.refresh_from_db()
    assert correction.state == "proposed"
    assert "may not do this" in text_of(desk.post(f"{url}make/", follow=True))
    assert "is made" in text_of(other.post(f"{url}make/", follow=True))
    device.refresh_from_db()
    correction.refresh_from_db()
    assert (device.device_model.manufacturer, device.device_model.model) == ("106C", "433100AC")
    assert (correction.state, correction.decided_by_id) == (
        "made",
        Person.objects.get(email="dave@dcc.example").pk,
    )
    told = OutboxMessage.objects.filter(event="manual_correction.decided")
    assert "gina@northlight.example" in told.values_list("recipient", flat=True)
    assert not any(str(device.pk) in each.text for each in OutboxMessage.objects.all())
    assert "DCC made the correction" in text_of(browser.get(f"/incidents/{correction.reference}/", follow=True))
    assert "Manual process" in text_of(browser.get(device.get_absolute_url()))
    assert client_of(dana).get(f"{url}change/").status_code == 200


def test_the_desk_refuses_in_words(us: Actor, browser: Client, dana: Person) -> None:
    correction = asked(meter_of(us.user_id), us)
    url = f"/admin/inventory/manualcorrection/{correction.pk}/change/"
    desk = client_of(dana)
    assert "There is no answer yet." in text_of(desk.post(url, {"decision": "refuse", "answer": ""}))
    desk.post(url, {"decision": "refuse", "answer": "The label is of another device."})
    page = text_of(browser.get(correction.get_absolute_url()))
    assert "DCC did not make the correction" in page
    assert "The label is of another device." in page


def proposed(device: Device, us: Actor, dana: Person) -> ManualCorrection:
    correction = asked(device, us)
    return manual.examine(correction.reference, answer="The CPL has it so.", by=actor_of(dana))


def another_of_the_desk() -> Actor:
    return actor_of(Person.objects.create(email="dave@dcc.example", name="Dave", is_dcc_staff=True))


def test_nothing_is_made_of_a_device_that_was_corrected_meanwhile(us: Actor, dana: Person) -> None:
    device = meter_of(us.user_id)
    correction = proposed(device, us, dana)
    others = DeviceModelFactory.create(model="99990001")
    change_details(device, at=timezone.now(), because="8.4", told_by=None, device_model=others)
    with pytest.raises(manual.DetailsAreOthersNow) as refused:
        manual.make(correction.reference, by=another_of_the_desk())
    assert "Refuse the correction" in refused.value.way_out
    device.refresh_from_db()
    correction.refresh_from_db()
    assert (device.device_model_id, correction.state) == (others.pk, "proposed")
    assert manual.refuse(correction.reference, answer="It was corrected.", by=actor_of(dana)).state == "refused"


@pytest.mark.parametrize(
    ("now", "said"),
    [
        ({"smi_status": SmiStatus.DECOMMISSIONED}, "a device that is Decommissioned is not corrected any more."),
        ({"smi_status": SmiStatus.PENDING}, "a Pending device needs no manual process"),
        ({"import_meter_point": None}, "only the Responsible Supplier of a device, or its notifying party"),
    ],
)
def test_nothing_is_made_that_could_not_be_asked_for_now(
    us: Actor, dana: Person, now: dict[str, object], said: str
) -> None:
    device = meter_of(us.user_id)
    correction = proposed(device, us, dana)
    Device.objects.filter(pk=device.pk).update(**now)
    with pytest.raises(manual.MayNotBeAskedNow) as refused:
        manual.make(correction.reference, by=another_of_the_desk())
    assert said in refused.value.message
    correction.refresh_from_db()
    assert correction.state == "proposed"


def test_a_removed_device_is_not_corrected(us: Actor, dana: Person) -> None:
    device = meter_of(us.user_id)
    correction = proposed(device, us, dana)
    Device.objects.filter(pk=device.pk).delete()
    with pytest.raises(manual.DeviceIsGone):
        manual.make(correction.reference, by=another_of_the_desk())


def test_one_correction_of_a_device_is_open_at_a_time(us: Actor, browser: Client) -> None:
    device = meter_of(us.user_id)
    correction = asked(device, us)
    with pytest.raises(manual.AlreadyAsked):
        asked(device, us)
    browser.post(f"/corrections/{correction.reference}/withdraw/", KEY)
    assert asked(device, us).pk != correction.pk


def test_the_manual_process_is_for_the_supplier_and_not_for_pending_devices(us: Actor, ivan: Person) -> None:
    pending = meter_of(None, SmiStatus.PENDING, notified_by_id=us.user_id)
    for device, by in ((pending, us), (meter_of(us.user_id), actor_of(ivan))):
        client = client_of(ivan if by != us else Person.objects.get(email=us.person_email))
        answers = {"manufacturer": "106C", "model": "433100AC", "reason": "The label says so."}
        assert client.post(f"/devices/{device.pk}/correct/desk/", {**KEY, **answers}).status_code == 200
    assert not ManualCorrection.objects.exists()


def test_others_see_nothing_of_a_manual_correction(us: Actor, ivan: Person, vera: Person) -> None:
    correction = asked(meter_of(us.user_id), us)
    assert client_of(ivan).get(correction.get_absolute_url()).status_code == 404
    assert client_of(ivan).get(f"/incidents/{correction.reference}/").status_code == 404
    assert client_of(ivan).post(f"/corrections/{correction.reference}/withdraw/", KEY).status_code == 404
    with pytest.raises(NotAllowed):
        manual.examine(correction.reference, answer="Yes", by=us)
    with pytest.raises(NotAllowed):
        manual.make(correction.reference, by=us)


# --- Files -------------------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_a_file_goes_from_upload_to_revert(us: Actor, browser: Client) -> None:
    device, other = meter_of(us.user_id), meter_of(None)
    file = SimpleUploadedFile("variants.csv", csv_of((device.pk, BD), (other.pk, BD)))
    sent = browser.post("/corrections/new/", {**KEY, "file": file}, follow=True)
    batch = CorrectionBatch.objects.get()
    assert "Being checked" in text_of(sent)
    worked_off(batch)
    page = text_of(browser.get(batch.get_absolute_url()))
    assert "Correct 1 device" in page
    assert "Responsible Supplier (SECMP0125)" in page
    refused = text_of(browser.get(f"{batch.get_absolute_url()}?show=refused"))
    assert "Only its Responsible Supplier may correct the ESME Variant" in refused
    browser.post(f"{batch.get_absolute_url()}apply/", KEY)
    assert "Being applied" in text_of(browser.get(batch.get_absolute_url()))
    worked_off(batch)
    assert "Revert this file" in text_of(browser.get(batch.get_absolute_url()))
    browser.post(f"{batch.get_absolute_url()}revert/", {"idempotency_key": "8d3a4c1e-7f21-4a55-9e1b-2f6f1c0a9b7e"})
    worked_off(batch)
    assert "Put back" in text_of(browser.get(batch.get_absolute_url()))
    result = b"".join(browser.get(f"{batch.get_absolute_url()}rows.csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert f"2,{device.pk},Commissioned,A,BD,Put back," in result
    assert "Refused" in result
    assert batch.reference in text_of(browser.get("/corrections/"))


@pytest.mark.django_db(transaction=True)
def test_the_result_file_is_safe_to_open(us: Actor, browser: Client) -> None:
    batch = checked(us, ("=cmd|' /C calc'!A1", BD))
    result = b"".join(browser.get(f"{batch.get_absolute_url()}rows.csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert "'=cmd" in result


@pytest.mark.django_db(transaction=True)
def test_every_result_is_told_apart(us: Actor, browser: Client) -> None:
    first, second = meter_of(us.user_id), meter_of(us.user_id)
    batch = checked(us, (first.pk, BD), (second.pk, BD))
    change_details(second, at=timezone.now(), because="8.4", told_by=None, esme_variant=EsmeVariant.C)
    worked_off(batches.apply(batch.reference, by=us))
    first.refresh_from_db()
    change_details(first, at=timezone.now(), because="8.4", told_by=None, esme_variant=EsmeVariant.C)
    worked_off(batches.revert(batch.reference, by=us))
    result = b"".join(browser.get(f"{batch.get_absolute_url()}rows.csv").streaming_content).decode()  # type: ignore[attr-defined]
    assert "Applied, and not put back" in result
    assert "Conflict: not applied" in result
    page = text_of(browser.get(f"{batch.get_absolute_url()}?show=refused"))
    assert "Not put back: changed afterwards" in page


@pytest.mark.django_db(transaction=True)
def test_others_find_no_file(us: Actor, ivan: Person) -> None:
    batch = applied(us, (meter_of(us.user_id).pk, BD))
    theirs = client_of(ivan)
    assert theirs.get(batch.get_absolute_url()).status_code == 404
    assert theirs.get(f"{batch.get_absolute_url()}rows.csv").status_code == 404
    for verb in ("apply", "revert", "cancel"):
        assert theirs.post(f"{batch.get_absolute_url()}{verb}/", KEY).status_code == 404
    batch.refresh_from_db()
    assert batch.state == "applied"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"Meter,Letters\n1,2\n", "does not say which column"),
        (b"Device ID,ESME Variant\n", "The file has no rows."),
        (b"%PDF-1.4 x", "A PDF document"),
    ],
)
def test_a_file_that_cannot_be_read_is_refused_beside_its_field(browser: Client, data: bytes, said: str) -> None:
    page = browser.post("/corrections/new/", {**KEY, "file": SimpleUploadedFile("x.csv", data)})
    assert said in text_of(page)
    assert not CorrectionBatch.objects.exists()
