"""A permit to read a code serves only who may read it at that moment, also when a call is repeated."""

from http import HTTPStatus

import pytest
from django.test import Client

from incidents.actions import install_code_requests as actions
from incidents.actions.install_code_requests.revealing import RevealNeedsFreshSignIn, RevealPermitSpent
from incidents.models.choices import State
from ssi.accounts.models import Person
from tests.factories.incidents import CODE, request_in
from tests.personas import actor_of
from tests.tokens import bearer

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_token_without_reveal_gets_no_code_by_repeating_the_call_of_one_that_has_it(
    gina: Person, ivan: Person
) -> None:
    request = request_in(State.ANSWERED, gina, ivan)

    def call(*, can_reveal: bool) -> tuple[int, bool]:
        answer = Client().post(
            f"/api/v1/install-code-requests/{request.reference}/reveal",
            {"reason": "To commission the meter."},
            content_type="application/json",
            headers={**bearer(gina, can_reveal=can_reveal), "Idempotency-Key": "the-same"},
        )
        return answer.status_code, CODE in answer.content.decode()

    assert call(can_reveal=True) == (HTTPStatus.OK, True)
    assert call(can_reveal=False) == (HTTPStatus.FORBIDDEN, False)
    assert call(can_reveal=True) == (HTTPStatus.OK, True)


def test_a_permit_serves_neither_a_stale_sign_in_nor_another_side(gina: Person, ivan: Person) -> None:
    request = request_in(State.ANSWERED, gina, ivan)
    permit = actions.permit_reveal(
        reference=request.reference, reason="To commission it.", by=actor_of(gina, may_reveal=True)
    )
    with pytest.raises(RevealNeedsFreshSignIn):
        actions.open_code(permit=permit, by=actor_of(gina))
    with pytest.raises(RevealPermitSpent):
        actions.open_code(permit=permit, by=actor_of(ivan, may_reveal=True))
