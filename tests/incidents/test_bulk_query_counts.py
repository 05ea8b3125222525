"""A page about many requests makes a fixed number of queries, however many they are."""

import pytest

from incidents.models import BulkJob, WorkPack
from ssi.accounts.models import Person
from tests.factories.batches import UNKNOWN, checked, devices_of, done, ids, pack_of
from tests.incidents.test_query_counts import warm
from tests.personas import actor_of
from tests.query_counts import counted

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("query_counts")]


@pytest.fixture
def job(gina: Person, ivan: Person, rhea: Person) -> BulkJob:
    """Return a batch to several installing suppliers with bad rows, among others."""
    pack_of(gina, ivan)
    return done(gina, *ids([*devices_of(ivan, 6), *devices_of(rhea, 4)]).split(), UNKNOWN, "nonsense")


def test_batches(job: BulkJob, gina: Person, ivan: Person, rhea: Person) -> None:
    waiting = checked(gina, *ids([*devices_of(ivan, 6), *devices_of(rhea, 4)]).split(), UNKNOWN, "nonsense")
    browser = warm(gina)
    for page, path in {
        "batches: list": "/install-code-requests/batches/",
        "batches: new": "/install-code-requests/batches/new/",
        "batch: checked": waiting.get_absolute_url(),
        "batch: done": job.get_absolute_url(),
        "install code requests: of a batch": f"/install-code-requests/?side=raised&batch={job.reference}",
        "batch: by its reference": f"/incidents/{job.reference}/",
    }.items():
        with counted(page):
            assert browser.get(path).status_code in {200, 302}
    with counted("batch: results"):
        assert len(list(browser.get(f"{job.get_absolute_url()}results.csv"))) > 12


def test_work_packs(job: BulkJob, ivan: Person) -> None:
    pack = WorkPack.objects.get(batch=job, installer=actor_of(ivan).user_id)
    browser = warm(ivan)
    browser.get(pack.get_absolute_url())  # its clocks start
    for page, path in {
        "work packs": "/install-code-requests/packs/",
        "work pack": pack.get_absolute_url(),
        "work pack: next": f"{pack.get_absolute_url()}next/",
    }.items():
        with counted(page):
            assert browser.get(path).status_code in {200, 302}
    following = browser.get(f"{pack.get_absolute_url()}next/")["Location"]
    with counted("work pack: answer"):
        assert browser.get(following).status_code == 200
