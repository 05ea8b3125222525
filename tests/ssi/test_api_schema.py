"""The API answers whatever its own OpenAPI document allows, and much it does not, without breaking."""

import json
from collections.abc import Iterator

import pytest
import schemathesis
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
from ssi.wsgi import application
from tests.factories.inventory import home
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
