"""SM WAN coverage on screen: by postcode or UPRN, as the data have it."""

from datetime import date

import pytest
from django.test import Client
from django.utils import timezone

from inventory.models import CoverageImport
from inventory.models.choices import CspRegion, Likelihood
from inventory.post_codes import compact, spaced, uprn
from inventory.search.coverage import Place, coverage_at, technology_in_words
from ssi.accounts.models import Person
from tests.factories.coverage import WanCoverageFactory
from tests.personas import client_of
from tests.query_counts import counted

pytestmark = pytest.mark.django_db
ADDRESS = "/wan-coverage/"


@pytest.fixture
def portal(vera: Person) -> Client:
    return client_of(vera)


@pytest.fixture(autouse=True)
def loaded(db: None) -> None:
    CoverageImport.objects.create(at=timezone.now(), name="set.csv", sha256="0" * 64, rows=1)


def text_of(client: Client, address: str = ADDRESS, **data: str) -> str:
    response = client.get(address, data)
    assert response.status_code == 200, response
    return str(response.content.decode())


@pytest.mark.parametrize(
    ("typed", "kept", "shown"),
    [
        ("NL1 4QX", "NL14QX", "NL1 4QX"),
        (" nl14qx ", "NL14QX", "NL1 4QX"),
        ("n l1 4 qx", "NL14QX", "NL1 4QX"),
        ("SW1A 1AA", "SW1A1AA", "SW1A 1AA"),
        ("GIR 0AA", "GIR0AA", "GIR 0AA"),
        ("M1 1AE", "M11AE", "M1 1AE"),
        ("NL1", "", ""),
        ("12345678", "", ""),
        ("", "", ""),
    ],
)
def test_a_postcode_is_known_however_it_is_written(typed: str, kept: str, shown: str) -> None:
    assert (compact(typed), spaced(typed)) == (kept, shown)


def test_a_uprn_has_up_to_12_digits() -> None:
    assert [uprn(each) for each in ("7", " 100 012345678", "999999999999")] == [7, 100012345678, 999999999999]
    assert [uprn(each) for each in ("", "0", "1234567890123", "12a", "-7")] == [None] * 5


@pytest.mark.parametrize("typed", ["NL1 4QX", "nl14qx", "NL14QX", "100012345678", " 100012345678 "])
def test_a_place_is_found_by_postcode_or_uprn(portal: Client, typed: str) -> None:
    WanCoverageFactory.create(
        csp_region=CspRegion.SOUTH_4G,
        uprn=100012345678,
        address_identifier="12 Alder Row",
        is_available=False,
        anticipated_date=date(2027, 3, 31),
        technology="Cellular",
        likelihood=Likelihood.LOW,
        auxiliary_equipment="Aerial",
        additional_information="Mast planned",
    )
    WanCoverageFactory.create(post_code="BG27TR", technology="elsewhere")
    page = text_of(portal, place=typed)
    for shown in (
        "4G South",
        "12 Alder Row, NL1 4QX",
        "No",
        "Wed 31 Mar 2027",
        "Cellular",
        "Low",
        "Aerial",
        "Mast",
    ):
        assert shown in page
    assert "elsewhere" not in page
    assert "As of <time" in page


@pytest.mark.parametrize(
    ("technology", "on", "off"), [("", "Unknown", ""), (" ", "Unknown", " "), ("LRR", "LRR", "LRR")]
)
def test_a_blank_technology_reads_unknown_while_mp106_is_on(
    settings: pytest.MonkeyPatch, technology: str, on: str, off: str
) -> None:
    assert technology_in_words(technology) == on
    settings.MP106 = False  # type: ignore[attr-defined]  # pytest-django's
    assert technology_in_words(technology) == off


def test_the_page_says_unknown_and_the_file_what_was_sent(portal: Client, settings: pytest.MonkeyPatch) -> None:
    WanCoverageFactory.create(technology=" ")
    assert "<td>Unknown</td>" in text_of(portal, place="NL14QX")
    line = b"".join(portal.get(f"{ADDRESS}export.csv", {"place": "NL14QX"})).decode().splitlines()[1]
    assert line == "North,NL1 4QX,,,Yes,, ,Unknown,High,,"
    settings.MP106 = False  # type: ignore[attr-defined]  # pytest-django's
    assert "Unknown" not in text_of(portal, place="NL14QX")
    lines = b"".join(portal.get(f"{ADDRESS}export.csv", {"place": "NL14QX"})).decode().splitlines()
    assert "WAN technology,WAN technology as shown," in lines[0]
    assert "Unknown" not in lines[1]


def test_a_file_says_as_of_when_and_a_wrong_place_goes_back_to_the_page(portal: Client) -> None:
    WanCoverageFactory.create(additional_information="=HYPERLINK(1)")
    lines = b"".join(portal.get(f"{ADDRESS}export.csv", {"place": "NL14QX"})).decode().splitlines()
    assert lines[1].endswith(",'=HYPERLINK(1)")
    assert lines[-1].startswith("As of ")
    assert portal.get(f"{ADDRESS}export.csv", {"place": "x"})["Location"] == f"{ADDRESS}?place=x"


def test_regions_are_those_of_the_data_and_each_has_its_line(portal: Client) -> None:
    for region in (CspRegion.CENTRAL, CspRegion.CENTRAL_4G, CspRegion.UNKNOWN):
        WanCoverageFactory.create(csp_region=region, is_available=None, likelihood=None, technology="")
    page = text_of(portal, place="NL1 4QX")
    assert page.count("The region's provider gave no answer for this place.") == 3
    assert all(f'<td class="nowrap">{region}</td>' in page for region in ("Central", "4G Central", "Unknown"))


def test_what_is_said_of_premises_goes_before_what_is_said_of_their_postcode() -> None:
    exact = WanCoverageFactory.create(address_identifier="12 Alder Row")
    WanCoverageFactory.create(address_identifier="13 Alder Row")
    WanCoverageFactory.create()
    newer = WanCoverageFactory.create(csp_region=CspRegion.NORTH_4G)
    assert set(coverage_at(Place.typed("nl1 4qx", " 12  alder ROW ")).rows) == {exact, newer}
    assert len(coverage_at(Place.typed("nl1 4qx")).rows) == 4
    assert coverage_at(Place.typed("BG2 7TR", "12 Alder Row")).rows == []


def test_too_many_answers_are_cut_and_say_so(portal: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("search", "presenters"):
        monkeypatch.setattr(f"inventory.{module}.coverage.MOST_ROWS", 2)
    for number in range(3):
        WanCoverageFactory.create(address_identifier=f"{number} Elm")
    page = text_of(portal, place="NL14QX")
    assert "Only the first 2 answers are shown." in page
    assert "2 Elm" not in page


def test_no_data_and_nothing_known_are_told_apart(portal: Client) -> None:
    CoverageImport.objects.all().delete()
    assert "No coverage data are loaded yet" in text_of(portal)
    assert "No coverage data are loaded yet" in text_of(portal, place="NL14QX")
    CoverageImport.objects.create(at=timezone.now(), name="set.csv", sha256="0" * 64, rows=0)
    assert "No coverage data are loaded yet" not in text_of(portal)
    assert "Nothing is known of this place" in text_of(portal, place="NL14QX")


@pytest.mark.parametrize("typed", ["Mrs Jones", "NL1", "1234567890123"])
def test_what_is_no_place_is_refused_with_a_way_out(portal: Client, typed: str) -> None:
    page = text_of(portal, place=typed)
    assert "This is neither a postcode of Great Britain nor a UPRN." in page
    assert "Give a postcode such as NL1 4QX" in page
    assert "Enter a postcode or a UPRN." in text_of(portal, place="")


def test_dcc_and_every_user_role_look_it_up_and_an_administrator_does_not(
    dana: Person, nils: Person, olu: Person, adam: Person
) -> None:
    for person in (dana, nils, olu):
        assert client_of(person).get(ADDRESS).status_code == 200
    assert client_of(adam).get(ADDRESS).status_code == 403


@pytest.mark.xdist_group("query_counts")
def test_a_look_up_makes_a_fixed_number_of_queries(portal: Client) -> None:
    for number in range(9):
        WanCoverageFactory.create(address_identifier=f"{number} Elm")
    portal.get("/devices/")
    for page, address in {
        "coverage: empty": ADDRESS,
        "coverage: a postcode": f"{ADDRESS}?place=NL14QX",
        "coverage: file": f"{ADDRESS}export.csv?place=NL14QX",
    }.items():
        with counted(page):
            response = portal.get(address)
            b"".join(response) if response.streaming else response.content
