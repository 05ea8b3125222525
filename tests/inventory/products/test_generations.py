"""Which generation a version belongs to."""

import pytest

from inventory.generations import Generation, generation_of, generation_of_hub
from inventory.models.choices import CspRegion, DeviceType
from tests.factories.inventory import DeviceFactory, DeviceModelFactory

S1, S2 = Generation.SMETS1, Generation.SMETS2


@pytest.mark.parametrize(
    ("version", "generation"),
    [
        ("SMETS1", S1),
        ("SMETS 1", S1),
        ("smets1", S1),
        ("SMETS1 V1.2", S1),
        ("SMETS V1.2", S1),
        ("SMETS V1", S1),
        ("SMETS 1.1", S1),
        ("SMETS V1.58", S2),
        ("SMETS 1.58", S2),
        ("SMETS2", S2),
        ("SMETS2+", S2),
        ("SMETS V5.0", S2),
        ("CHTS V1.4", S2),
        ("SMETS V10.0", S2),
        ("", None),
        ("  ", None),
    ],
)
def test_a_version_tells_the_generation(version: str, generation: Generation | None) -> None:
    assert generation_of(version) is generation


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("version", "facts", "generation"),
    [
        ("CHTS V1.4", {}, S2),
        ("CHTS V1.4", {"csp_region": CspRegion.SMETS1}, S2),
        ("SMETS1", {}, S1),
        ("", {}, S2),
        ("", {"csp_region": CspRegion.SMETS1}, S1),
        ("", {"s1sp": "S1SP One"}, S1),
        ("SMETS V1.2", {"csp_region": CspRegion.NORTH}, S1),
    ],
)
def test_a_hub_is_of_a_generation(version: str, facts: dict[str, object], generation: Generation) -> None:
    model = DeviceModelFactory.create(device_type=DeviceType.CHF, smets_version=version)
    hub = DeviceFactory.create(device_type=DeviceType.CHF, device_model=model, **facts)
    assert generation_of_hub(hub) is generation
