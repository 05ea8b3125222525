"""Service Request 12.1: what is answered of the SM WAN at a place, and what is not."""

from datetime import UTC, date, datetime

import pytest
from lxml import etree

from inventory.actions.service_requests.wan_matrix import NoCoverageKnown, NotAPostCode, request_wan_matrix
from inventory.duis.answers import Verdict
from inventory.duis.coverage_answers import CoverageAnswer, RegionCoverage
from inventory.duis.fields import SR
from inventory.duis.messages import CoverageQuery, RequestId
from inventory.duis.writing import duis_response
from inventory.models import AuditTrailEntry
from inventory.models.choices import CspRegion, Likelihood
from ssi.access.actor import Actor
from ssi.access.roles import UserRole
from ssi.eui64 import Eui64
from tests.factories.coverage import WanCoverageFactory
from tests.inventory.duis import messages as duis
from tests.inventory.duis.applying import apply, register

pytestmark = pytest.mark.django_db
AT = datetime(2026, 7, 1, 12, tzinfo=UTC)
REQUEST_ID = RequestId(Eui64.parse(duis.SUPPLIER), Eui64.parse(duis.BROKER), 7)


def by_uprn(uprn: int) -> bytes:
    return duis.request("12.1", f"<sr:RequestWANMatrix><sr:UPRN>{uprn}</sr:UPRN></sr:RequestWANMatrix>")


def by_address(post_code: str, identifier: str = "") -> bytes:
    parts = f"<sr:PostCode>{post_code}</sr:PostCode><sr:AddressIdentifier>{identifier}</sr:AddressIdentifier>"
    return duis.request(
        "12.1", f"<sr:RequestWANMatrix><sr:PartialAddress>{parts}</sr:PartialAddress></sr:RequestWANMatrix>"
    )


def asked(**place: object) -> tuple[RegionCoverage, ...]:
    query = CoverageQuery(REQUEST_ID, 8, **place)  # type: ignore[arg-type]  # as each test says
    answered = request_wan_matrix(query, by=Actor.system(), at=AT)
    assert isinstance(answered.payload, CoverageAnswer)
    assert answered.payload.query is query
    assert answered.response_code == "I0"
    return answered.payload.regions


def test_every_region_of_the_data_answers_for_itself() -> None:
    for region in (CspRegion.CENTRAL_4G, CspRegion.CENTRAL):
        WanCoverageFactory.create(csp_region=region, post_code="", uprn=7)
    WanCoverageFactory.create(post_code="", uprn=8)
    assert [region.csp_region for region in asked(uprn=7)] == [CspRegion.CENTRAL, CspRegion.CENTRAL_4G]


def test_an_answer_has_all_that_is_known_and_the_technology_as_it_came() -> None:
    WanCoverageFactory.create(
        is_available=False,
        anticipated_date=date(2027, 3, 31),
        technology=" ",
        likelihood=Likelihood.LOW,
        auxiliary_equipment="Aerial",
        additional_information="Mast planned",
    )
    assert asked(post_code="nl1 4qx", address_identifier="") == (
        RegionCoverage(
            CspRegion.NORTH, "I0", False, date(2027, 3, 31), " ", Likelihood.LOW, "Aerial", "Mast planned"
        ),
    )


def test_premises_go_before_their_postcode_and_a_postcode_alone_tells_of_no_premises() -> None:
    WanCoverageFactory.create(address_identifier="12 Alder Row", technology="of the house")
    WanCoverageFactory.create(technology="of the postcode")
    for identifier, technology in (("12 ALDER ROW", "house"), ("13 Alder Row", "postcode"), ("", "postcode")):
        [region] = asked(post_code="NL1 4QX", address_identifier=identifier)
        assert region.technology == f"of the {technology}"


def test_a_provider_that_gave_no_answer_is_left_out() -> None:
    WanCoverageFactory.create()
    WanCoverageFactory.create(csp_region=CspRegion.NORTH_4G, is_available=None, likelihood=None, technology="")
    assert [region.csp_region for region in asked(post_code="NL14QX")] == [CspRegion.NORTH]


@pytest.mark.parametrize(
    ("place", "refusal"),
    [
        ({"uprn": 9}, NoCoverageKnown),
        ({"post_code": "BG2 7TR"}, NoCoverageKnown),
        ({"post_code": "Mrs Jones"}, NotAPostCode),
    ],
)
def test_what_is_not_known_is_refused_with_a_code_of_ours(
    place: dict[str, object], refusal: type[Exception]
) -> None:
    WanCoverageFactory.create(csp_region=CspRegion.SOUTH, post_code="BG27TR", is_available=None, likelihood=None)
    with pytest.raises(refusal) as caught:
        asked(**place)
    assert caught.value.code.startswith("SSI-")  # type: ignore[attr-defined]  # a DuisRefusal
    assert caught.value.way_out  # type: ignore[attr-defined]  # a DuisRefusal


@pytest.mark.parametrize("role", list(UserRole)[:7])
def test_a_request_of_any_user_role_is_answered_in_xml_and_kept(role: UserRole) -> None:
    register(duis.SUPPLIER, role)
    WanCoverageFactory.create(technology=" ")
    answer = apply(by_address("NL1 4QX", "12 Alder Row"))
    assert (answer.verdict, answer.response_code) == (Verdict.APPLIED, "I0")
    xml = duis_response(answer, at=AT)
    assert xml is not None
    matrix = etree.fromstring(xml).find(f".//{{{SR}}}DSPWANMatrix")
    assert matrix is not None
    assert matrix.findtext(f".//{{{SR}}}PostCode") == "NL1 4QX"
    assert matrix.findtext(f".//{{{SR}}}CSPRegion") == "North"
    assert matrix.findtext(f".//{{{SR}}}CoverageAvailability") == "true"
    assert matrix.findtext(f".//{{{SR}}}WANTechnology") == " "
    entry = AuditTrailEntry.objects.get()
    assert (entry.srv, entry.code, entry.detail) == ("12.1", "I0", "1 region answers for this place.")


def test_a_request_that_finds_nothing_is_refused_and_kept() -> None:
    register()
    assert apply(by_uprn(100012345678)).response_code == "SSI-NO-COVERAGE"
    assert AuditTrailEntry.objects.get().code == "SSI-NO-COVERAGE"
