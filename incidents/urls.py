"""Addresses of the incidents floor. E-mails link to `/incidents/<reference>/` and nowhere else."""

from django.urls import path

from incidents.views import answer_files, batches, bulk_moves, escrow, home, incidents, performance, work_packs
from incidents.views.install_code_requests import lists, moves, raising, revealing
from ssi.web import references  # noqa: F401 - registers <reference:…>

app_name = "incidents"

urlpatterns = [
    path("", home.home, name="home"),
    path("incidents/", incidents.incidents, name="incidents"),
    path("incidents/<reference:reference>/", incidents.incident, name="incident"),
    path("incidents/<reference:reference>/answer/", moves.answer, name="answer"),
    path("incidents/<reference:reference>/decline/", moves.decline, name="decline"),
    path("incidents/<reference:reference>/reveal/", revealing.reveal, name="reveal"),
    path("incidents/<reference:reference>/notes/", moves.note, name="notes"),
    path("incidents/<reference:reference>/close/", moves.close, name="close"),
    path("incidents/<reference:reference>/withdraw/", moves.withdraw, name="withdraw"),
    path("incidents/<reference:reference>/reroute/", moves.reroute, name="reroute"),
    path("incidents/<reference:reference>/unlock/", moves.unlock, name="unlock"),
    path("incidents/<reference:reference>/done/<slug:verb>/", moves.done, name="done"),
    path("install-code-requests/", lists.requests, name="requests"),
    path("install-code-requests/export/", lists.export, name="export"),
    path("install-code-requests/raise/", raising.raise_request, name="raise"),
    path("install-code-requests/answers/", answer_files.answers, name="answer_file"),
    path(
        "install-code-requests/answers/template.<slug:ending>", answer_files.template, name="answer_file_template"
    ),
    path("install-code-requests/chosen/close/", bulk_moves.close, name="chosen_close"),
    path("install-code-requests/chosen/withdraw/", bulk_moves.withdraw, name="chosen_withdraw"),
    path("install-code-requests/chosen/decline/", bulk_moves.decline, name="chosen_decline"),
    path("install-code-requests/chosen/codes/", bulk_moves.codes, name="chosen_codes"),
    path("install-code-requests/batches/", batches.batches, name="batches"),
    path("install-code-requests/batches/new/", batches.new_batch, name="batch_new"),
    path("install-code-requests/batches/<reference:reference>/", batches.batch, name="batch"),
    path("install-code-requests/batches/<reference:reference>/confirm/", batches.confirm, name="batch_confirm"),
    path("install-code-requests/batches/<reference:reference>/cancel/", batches.cancel, name="batch_cancel"),
    path("install-code-requests/batches/<reference:reference>/again/", batches.check_again, name="batch_again"),
    path(
        "install-code-requests/batches/<reference:reference>/bad-rows.csv", batches.bad_rows, name="batch_bad_rows"
    ),
    path("install-code-requests/batches/<reference:reference>/results.csv", batches.results, name="batch_results"),
    path("install-code-requests/escrow/", escrow.escrow, name="escrow"),
    path("install-code-requests/escrow/export/", escrow.export, name="escrow_export"),
    path("install-code-requests/escrow/rule/", escrow.rule, name="escrow_rule"),
    path("install-code-requests/escrow/deposit/", escrow.deposit, name="escrow_deposit"),
    path("install-code-requests/escrow/upload/", escrow.upload, name="escrow_upload"),
    path("install-code-requests/escrow/withdraw/", escrow.withdraw, name="escrow_withdraw"),
    path("install-code-requests/performance/", performance.performance, name="performance"),
    path("install-code-requests/performance/export/", performance.export, name="performance_export"),
    path("install-code-requests/packs/", work_packs.work_packs, name="work_packs"),
    path("install-code-requests/packs/<reference:reference>/", work_packs.work_pack, name="work_pack"),
    path(
        "install-code-requests/packs/<reference:reference>/next/", work_packs.next_request, name="work_pack_next"
    ),
    path(
        "install-code-requests/packs/<reference:reference>/answers/",
        answer_files.work_pack_answers,
        name="work_pack_answers",
    ),
    path(
        "install-code-requests/packs/<reference:reference>/template.<slug:ending>",
        answer_files.work_pack_template,
        name="work_pack_template",
    ),
]
