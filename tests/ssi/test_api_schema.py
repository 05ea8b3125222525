"""The API answers whatever its own OpenAPI document allows, and much it does not, without breaking."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
import schemathesis
from django.conf import LazySettings
from django.core import signals
from django.db import close_old_connections
from hypothesis import HealthCheck, settings
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from ssi.accounts.models import Person
from ssi.api import api
from ssi.uploads.models.choices import State
from ssi.wsgi import application
from tests.factories.inventory import home
from tests.ssi.uploads.screens.making import upload_in, with_findings, with_steps
from tests.tokens import bearer

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]

schema = schemathesis.openapi.from_dict(json.loads(json.dumps(api.get_openapi_schema())))
schema.app = application


@pytest.fixture
def one_connection(db: None) -> Iterator[None]:
    """Keep Django from closing the connection after each call, and with it the test's transaction."""
    for signal in (signals.request_started, signals.request_finished):
        signal.disconnect(close_old_connections)
    yield
    for signal in (signals.request_started, signals.request_finished):
        signal.connect(close_old_connections)


@pytest.fixture
def headers(gina: Person, one_connection: None) -> dict[str, str]:
    """Return what an operations agent's program sends, in an inventory that is not empty."""
    home()
    return bearer(gina)


@pytest.mark.django_db
@schema.parametrize()
@settings(max_examples=10, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
def test_every_operation_keeps_to_its_document(case: schemathesis.Case, headers: dict[str, str]) -> None:
    case.call_and_validate(headers=headers, checks=CHECKS)


@pytest.mark.django_db
@schema.include(path="/api/v1/service-requests", method="POST").parametrize()
@settings(max_examples=10, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
def test_the_feeds_operation_keeps_to_it_too(case: schemathesis.Case, feed: Person, one_connection: None) -> None:
    case.call_and_validate(headers=bearer(feed), checks=CHECKS)


SIGNED_FILES = schema.include(path_regex="^/api/v1/uploads")
STATES = (State.RECEIVED, State.CHECKED, State.AWAITING_APPROVAL, State.REJECTED, State.SUPERSEDED)


@pytest.fixture
def references(aroha: Person, sunil: Person, one_connection: None) -> list[str]:
    """Return those of Northlight's uploads in one state each; another officer submitted what awaits approval."""
    by = {State.AWAITING_APPROVAL: sunil}
    uploads = [with_findings(with_steps(upload_in(each, by.get(each, aroha)))) for each in STATES]
    return [upload.reference for upload in uploads]


@pytest.fixture
def officers(aroha: Person, references: list[str], tmp_path: Path, settings: LazySettings) -> dict[str, str]:
    """Return what the program of an ARO sends, whose files are kept in a folder of the test's own."""
    settings.MEDIA_ROOT = tmp_path / "uploads"
    return bearer(aroha)


@pytest.mark.django_db
@SIGNED_FILES.parametrize()
@settings(max_examples=10, deadline=None, derandomize=True, database=None, suppress_health_check=list(HealthCheck))
def test_operations_of_signed_files_keep_to_it_for_an_officer(
    case: schemathesis.Case, officers: dict[str, str], references: list[str]
) -> None:
    """Five of six calls that name an upload name one that there is; which one hangs on the call alone."""
    if any_one := case.path_parameters.get("reference"):
        case.path_parameters["reference"] = [any_one, *references][sum(map(ord, any_one)) % (len(references) + 1)]
    case.call_and_validate(headers=officers, checks=CHECKS)
