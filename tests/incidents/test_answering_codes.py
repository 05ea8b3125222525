"""Answering with codes that are mistyped, short, or ambiguous: what the installer is offered, and who is not."""

import json
import re
from typing import Any

import pytest
from django.test import Client

from incidents.models import InstallCodeRequest
from incidents.models.choices import State
from ssi.accounts.models import Person
from ssi.audit.models import AuditEvent
from ssi.web.models import IdempotencyKey
from tests.factories.incidents import CODE, CODE_WITH_CRC, MISTYPED, OTHER_CODE_WITH_CRC, raised, read
from tests.incidents.browsing import hidden_fields, send, text_of
from tests.incidents.calling import problem
from tests.incidents.calling import send as call
from tests.personas import actor_of, client_of

pytestmark = pytest.mark.django_db

SWAPPED = f"38{CODE_WITH_CRC[2:]}"
TWO_SLIPS = f"93{CODE_WITH_CRC[2:-1]}6"


@pytest.fixture
def request_(gina: Person, ivan: Person) -> InstallCodeRequest:
    return raised(gina, ivan)


@pytest.fixture
def installer(ivan: Person) -> Client:
    return client_of(ivan)


def answer(browser: Client, request: InstallCodeRequest, **typed: str) -> Any:
    return send(browser, f"{request.get_absolute_url()}answer/", **typed)


def choices(response: Any) -> list[str]:
    """Return the values of the offered corrections."""
    return re.findall(r'<input type="radio" name="correction" value="([^"]*)"', response.content.decode())


class TestCorrections:
    def test_the_one_digit_that_is_wrong_is_offered_in_words(
        self, request_: InstallCodeRequest, installer: Client
    ) -> None:
        page = answer(installer, request_, install_code=MISTYPED)
        assert choices(page) == [CODE_WITH_CRC, ""]
        assert "The check digits do not match." in text_of(page)
        assert "Digit 36, in group 9, is 5 here; you typed 6." in text_of(page)
        assert "6916 D505 C3B<mark>5</mark>" in page.content.decode()
        assert "compare every digit with the label" in text_of(page)
        assert page["Cache-Control"] == "no-store"

    def test_two_swapped_digits_are_offered_in_words(
        self, request_: InstallCodeRequest, installer: Client
    ) -> None:
        page = answer(installer, request_, install_code=SWAPPED)
        assert choices(page) == [CODE_WITH_CRC, ""]
        assert "Digits 1 and 2, in group 1, are 83 here; you typed 38." in text_of(page)

    def test_nothing_is_applied_until_the_installer_chooses(
        self, request_: InstallCodeRequest, installer: Client, gina: Person
    ) -> None:
        page = answer(installer, request_, install_code=MISTYPED)
        [none] = re.findall(r'<input type="radio" name="correction"[^>]*checked[^>]*>', page.content.decode())
        assert 'value=""' in none
        assert InstallCodeRequest.objects.get().state == State.ASSIGNED
        address = f"{request_.get_absolute_url()}answer/"
        done = installer.post(address, {**hidden_fields(page), "correction": CODE_WITH_CRC}, follow=True)
        assert "Install code sealed and sent" in text_of(done)
        assert CODE[:8] not in done.content.decode()
        assert read(request_, by=actor_of(gina, may_reveal=True)) == CODE

    def test_none_of_these_needs_the_code_again(self, request_: InstallCodeRequest, installer: Client) -> None:
        page = answer(installer, request_, correction="")
        assert "Enter the install code." in text_of(page)
        assert choices(page) == []
        assert answer(installer, request_, correction="", install_code=CODE_WITH_CRC).status_code == 302

    def test_a_choice_and_a_code_are_one_too_many(self, request_: InstallCodeRequest, installer: Client) -> None:
        page = answer(installer, request_, correction=CODE_WITH_CRC, install_code=OTHER_CODE_WITH_CRC)
        assert "You chose a correction and typed a code." in text_of(page)
        assert CODE[:8] not in page.content.decode()
        assert InstallCodeRequest.objects.get().state == State.ASSIGNED

    def test_what_was_sent_as_a_choice_is_checked_as_any_code(
        self, request_: InstallCodeRequest, installer: Client
    ) -> None:
        page = answer(installer, request_, correction=MISTYPED)
        assert "The check digits do not match." in text_of(page)
        assert MISTYPED not in page.content.decode()
        assert "optional" not in re.findall(r'<label for="id_install_code">.*?</label>', page.content.decode())[0]

    @pytest.mark.parametrize("typed", [TWO_SLIPS, CODE, "rubbish", "0" * 36, CODE_WITH_CRC[:-2]])
    def test_nothing_is_offered_where_no_single_slip_explains_it(
        self, request_: InstallCodeRequest, installer: Client, typed: str
    ) -> None:
        page = answer(installer, request_, install_code=typed)
        assert page.status_code == 200
        assert choices(page) == []
        assert 'id="id_correction"' not in page.content.decode()
        assert CODE[:8] not in page.content.decode()

    @pytest.mark.parametrize("who", ["gina", "rhea", "dana"])
    def test_nobody_else_is_offered_anything(
        self, request_: InstallCodeRequest, request: pytest.FixtureRequest, who: str
    ) -> None:
        page = answer(client_of(request.getfixturevalue(who)), request_, install_code=MISTYPED)
        assert page.status_code in {403, 404}
        assert CODE[:4] not in page.content.decode()

    def test_once_it_is_answered_nothing_is_offered(self, request_: InstallCodeRequest, installer: Client) -> None:
        answer(installer, request_, install_code=OTHER_CODE_WITH_CRC)
        late = answer(installer, request_, install_code=MISTYPED)
        assert late.status_code == 409
        assert CODE[:4] not in late.content.decode()

    def test_a_program_is_told_no_more_than_that_they_do_not_match(
        self, request_: InstallCodeRequest, brightgrid: Client
    ) -> None:
        refused = call(
            brightgrid, f"/{request_.reference}/answer", {"install_code": MISTYPED}, **{"Idempotency-Key": "k"}
        )
        document = json.dumps(problem(refused, 422))
        assert "The check digits do not match." in document
        assert CODE[:4] not in document
        assert "C3B5" not in document
        assert refused["Cache-Control"] == "no-store"
        assert not IdempotencyKey.objects.exists()

    def test_a_refused_code_leaves_no_trace(self, request_: InstallCodeRequest, installer: Client) -> None:
        before = AuditEvent.objects.count()
        answer(installer, request_, install_code=MISTYPED)
        assert AuditEvent.objects.count() == before
        assert not IdempotencyKey.objects.exists()


class TestLegacyLengths:
    @pytest.mark.parametrize(
        ("length", "bare", "check"),
        [
            ("6", "83FED3407A93", "2B70"),
            ("8", "83FED3407A932B70", "470F"),
            ("12", "83FED3407A939723A5C639B2", "AD8B"),
        ],
    )
    @pytest.mark.parametrize("with_check", [True, False])
    def test_a_short_code_is_sealed_and_read_as_any(
        self,
        request_: InstallCodeRequest,
        installer: Client,
        gina: Person,
        length: str,
        bare: str,
        check: str,
        with_check: bool,
    ) -> None:
        typed = (
            {"install_code": bare + check} if with_check else {"install_code": bare, "install_code_again": bare}
        )
        assert answer(installer, request_, **typed).status_code == 200  # its length was not named
        assert answer(installer, request_, legacy_length=length, **typed).status_code == 302
        page = send(client_of(gina), f"{request_.get_absolute_url()}reveal/", reason="To join it.")
        assert f'data-copy="{bare}"' in page.content.decode()
        assert f'data-copy="{bare}{check}"' in page.content.decode()
        assert f"Copy {len(bare)} digits" in text_of(page)

    def test_sixteen_digits_are_asked_about(self, request_: InstallCodeRequest, installer: Client) -> None:
        page = answer(installer, request_, install_code="83FED3407A932B70", install_code_again="83FED3407A932B70")
        assert "either a code of 6 bytes with its check digits, or one of 8 bytes without them" in text_of(page)
        assert 'href="#id_legacy_length"' in page.content.decode()

    def test_a_mistyped_short_code_has_its_correction(
        self, request_: InstallCodeRequest, installer: Client
    ) -> None:
        page = answer(installer, request_, install_code="83FED3407A932B71", legacy_length="6")
        assert choices(page) == ["83FED3407A932B70", ""]
        again = {**hidden_fields(page), "correction": "83FED3407A932B70", "legacy_length": "6"}
        assert installer.post(f"{request_.get_absolute_url()}answer/", again).status_code == 302
        assert InstallCodeRequest.objects.get().state == State.ANSWERED

    def test_a_program_names_it_too(
        self, request_: InstallCodeRequest, brightgrid: Client, northlight_revealing: Client
    ) -> None:
        path = f"/{request_.reference}/answer"
        asked = problem(call(brightgrid, path, {"install_code": "83FED3407A932B70"}), 422)
        assert [error["field"] for error in asked["errors"]] == ["legacy_length"]
        problem(call(brightgrid, path, {"install_code": "83FED3407A932B70", "legacy_length": "7"}), 422)
        done = call(brightgrid, path, {"install_code": "83FED3407A932B70", "legacy_length": "6"})
        assert done.json()["state"] == "answered"
        read_ = call(northlight_revealing, f"/{request_.reference}/reveal", {"reason": "To join it."}).json()
        assert (read_["install_code"], read_["install_code_with_crc"]) == ("83FED3407A93", "83FED3407A932B70")

    @pytest.mark.parametrize("absent", ["", None])
    def test_no_length_is_the_usual_one(
        self, request_: InstallCodeRequest, brightgrid: Client, absent: str | None
    ) -> None:
        body = {"install_code": CODE_WITH_CRC, "legacy_length": absent}
        assert call(brightgrid, f"/{request_.reference}/answer", body).json()["state"] == "answered"
