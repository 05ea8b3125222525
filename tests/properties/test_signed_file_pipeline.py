"""Signed files that something happened to, through the whole pipeline: refused as a whole, or taken as they stand.

Real PostgreSQL, real files, real signatures; a part of the files comes by the API. SSI_FUZZ_EXAMPLES sets how many
are tried of each kind, and a quarter as many come by the API: 4,000 make 10,000 files in all. Without it the same
few are tried each time.
"""

import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import LazySettings
from django.test import Client
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from ssi.accounts.models import Person
from ssi.api import api
from ssi.uploads.actions import pipeline
from ssi.uploads.models import Upload
from ssi.uploads.models.choices import Kind, State
from tests.factories.uploads import sign
from tests.properties.changed_files import Call, Sent, body_of, calls, sent
from tests.properties.signed_file_portal import Portal, assert_settled, portal_for, undone
from tests.tokens import bearer

IS_BY_HAND = "SSI_FUZZ_EXAMPLES" in os.environ
EXAMPLES = int(os.environ.get("SSI_FUZZ_EXAMPLES", "40"))
MOST_BYTES = 8_000
UPLOADS = "/api/v1/uploads"
STATUSES = {int(each) for each in api.get_openapi_schema()["paths"][UPLOADS]["post"]["responses"]}

pytestmark = pytest.mark.django_db


def fuzzed(examples: int) -> Any:
    """Return the settings of a test that tries so many files."""
    return settings(
        max_examples=max(examples, 1),
        deadline=None,
        derandomize=not IS_BY_HAND,
        database=None,
        suppress_health_check=list(HealthCheck),
    )


@pytest.fixture(params=Kind)
def portal(
    request: pytest.FixtureRequest, aroha: Person, bela: Person, tmp_path: Path, settings: LazySettings
) -> Portal:
    """Return the portal that files of one kind are sent to: once for all examples of a test."""
    settings.SSI_UPLOAD_MOST_BYTES = MOST_BYTES
    return portal_for(request.param, aroha, bela, tmp_path, settings)


@pytest.fixture
def program(aroha: Person) -> Client:
    """Return a program of the ARO's."""
    return Client(headers=bearer(aroha))


def unchanged(portal: Portal, *, submits: bool) -> Sent:
    good = portal.good
    return Sent(good.name, good.content, sign(good.content, *good.signer), f"{good.name}.sig", submits)


@pytest.mark.parametrize("submits", [False, True])
def test_the_file_is_taken_before_anything_happens_to_it(submits: bool, portal: Portal) -> None:
    upload = portal.process(unchanged(portal, submits=submits))
    assert upload.state == (State.ACCEPTED if submits else State.CHECKED)
    assert_settled(portal, upload)


def test_nobody_else_may_sign_it(portal: Portal) -> None:
    good = portal.good
    for other in good.others:
        with undone():
            upload = portal.process(replace(unchanged(portal, submits=True), signature=sign(good.content, *other)))
            assert upload.state == State.REJECTED
            assert_settled(portal, upload)


@fuzzed(EXAMPLES)
@given(data=st.data())
def test_a_changed_file_is_refused_or_taken_whole(portal: Portal, data: st.DataObject) -> None:
    what = data.draw(sent(portal.good))
    with undone():
        upload = portal.process(what)
        event(str(upload.state))
        assert_settled(portal, upload)


@fuzzed(EXAMPLES // 4)
@given(data=st.data())
def test_a_changed_call_has_an_answer_of_the_contract(
    portal: Portal, program: Client, data: st.DataObject
) -> None:
    call = data.draw(calls(portal.good))
    with undone():
        answer = program.generic("POST", UPLOADS, call.body, content_type=call.content_type)
        event(f"{answer.status_code}")
        assert answer.status_code in STATUSES
        came = Upload.objects.exclude(pk=portal.in_force.pk)
        if answer.status_code == 202:
            upload = came.get(reference=answer.json()["reference"])
            pipeline.process(upload.pk)
            assert_settled(portal, Upload.objects.get(pk=upload.pk))
        else:
            assert answer["Content-Type"] == "application/problem+json"
            assert not came.exists()


def test_the_unchanged_call_is_answered_with_its_reference(portal: Portal, program: Client) -> None:
    call = Call(body_of(portal.good, unchanged(portal, submits=True)))
    answer = program.generic("POST", UPLOADS, call.body, content_type=call.content_type)
    assert answer.status_code == 202
    upload = Upload.objects.get(reference=answer.json()["reference"])
    pipeline.process(upload.pk)
    upload.refresh_from_db()
    assert upload.state == State.ACCEPTED
    assert_settled(portal, upload)
