"""Programs of the two suppliers."""

import pytest
from django.test import Client

from ssi.accounts.models import Person
from tests.tokens import bearer


@pytest.fixture
def northlight(gina: Person) -> Client:
    return Client(headers=bearer(gina))


@pytest.fixture
def northlight_revealing(gina: Person) -> Client:
    return Client(headers=bearer(gina, can_reveal=True))


@pytest.fixture
def brightgrid(ivan: Person) -> Client:
    return Client(headers=bearer(ivan))
