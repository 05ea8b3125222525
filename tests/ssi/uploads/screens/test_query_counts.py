"""The pages of uploads make a fixed number of queries, however many lines they show."""

import io

import pytest

from ssi.accounts.models import Person
from ssi.uploads.actions import pipeline, receiving
from ssi.uploads.issuing import Issued
from ssi.uploads.models import Upload
from ssi.uploads.models.choices import Kind, State
from tests.factories.uploads import adt_file, sign
from tests.personas import actor_of, client_of
from tests.query_counts import counted
from tests.ssi.uploads.screens.making import MUCH_HIGHER, officer, upload_in, user_id_of, with_findings, with_steps

pytestmark = [pytest.mark.django_db, pytest.mark.xdist_group("query_counts")]


def test_pages(aroha: Person, sunil: Person, dana: Person, arohas: Issued) -> None:
    browser, second, desk = client_of(aroha), client_of(sunil), client_of(dana)
    for each in (browser, second, desk):
        each.get("/access/")
    checked = _checked(aroha, arohas)
    for _ in range(5):
        upload_in(State.WITHDRAWN, officer(aroha))
    rejected = with_findings(with_steps(upload_in(State.REJECTED, aroha)), lines=60)
    awaiting = with_steps(upload_in(State.AWAITING_APPROVAL, aroha, user_role="GS", second_because=[MUCH_HIGHER]))
    decided = with_steps(upload_in(State.CHECKED, aroha, kind=Kind.EXIT_QUARANTINE, event_ref=4711))
    upload_in(State.ACCEPTED, aroha, user_role="EI")
    for page, who, path in (
        ("uploads: list", browser, "/uploads/"),
        ("uploads: list of DCC", desk, "/uploads/"),
        ("uploads: filtered list", browser, "/uploads/?state=withdrawn&kind=adt"),
        ("uploads: new", browser, "/uploads/new/adt/"),
        ("upload: checked", browser, checked.get_absolute_url()),
        ("upload: rejected", browser, rejected.get_absolute_url()),
        ("upload: awaits approval", second, awaiting.get_absolute_url()),
        ("upload: Exit Quarantine", browser, decided.get_absolute_url()),
        ("upload: submit", browser, f"{checked.get_absolute_url()}submit/"),
        ("upload: approve", second, f"{awaiting.get_absolute_url()}approve/"),
        ("upload: receipt", browser, f"{checked.get_absolute_url()}receipt/"),
    ):
        with counted(page):
            assert who.get(path).status_code == 200, page
    for export, path in (
        ("uploads: export", "/uploads/export/"),
        ("upload: findings", f"{rejected.get_absolute_url()}findings.csv"),
        ("upload: changes", f"{checked.get_absolute_url()}changes.csv"),
    ):
        with counted(export):
            assert len(list(browser.get(path))) > 3, export


def _checked(aroha: Person, arohas: Issued) -> Upload:
    name, content = adt_file(user_id_of(aroha), "IS")
    upload = receiving.receive(
        kind=Kind.ADT,
        file=io.BytesIO(content),
        name=name,
        size=len(content),
        signature=sign(content, *arohas),
        signature_name=f"{name}.sig",
        submit_when_checked=False,
        by=actor_of(aroha),
    )
    pipeline.process(upload.pk)
    return Upload.objects.get(pk=upload.pk)
