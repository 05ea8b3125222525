"""Addresses of signed files. E-mails link to /incidents/<reference>/, which leads here."""

from django.urls import path

from ssi.uploads.views import (
    by_email,
    desk,
    preparing,
    quarantine,
    receipts,
    thresholds,
    upload_files,
    upload_moves,
    uploading,
    uploads,
)
from ssi.uploads.views.what_if import what_if, what_if_csv
from ssi.web import references  # noqa: F401 - registers <reference:…>

app_name = "uploads"

urlpatterns = [
    path("uploads/", uploads.uploads, name="uploads"),
    path("uploads/export/", uploads.export, name="export"),
    path("uploads/new/<slug:kind>/", uploading.new_upload, name="new_upload"),
    path("uploads/<reference:reference>/", uploads.upload, name="upload"),
    path("uploads/<reference:reference>/findings.csv", uploads.findings_csv, name="findings_csv"),
    path("uploads/<reference:reference>/changes.csv", uploads.changes_csv, name="changes_csv"),
    path("uploads/<reference:reference>/file/", upload_files.file, name="file"),
    path("uploads/<reference:reference>/signature/", upload_files.signature, name="signature"),
    path("uploads/receipt-key.pem", receipts.receipt_key, name="receipt_key"),
    path("uploads/<reference:reference>/receipt/", receipts.receipt, name="receipt"),
    path("uploads/<reference:reference>/receipt.json", receipts.receipt_json, name="receipt_json"),
    path("uploads/<reference:reference>/submit/", upload_moves.submit, name="submit"),
    path("uploads/<reference:reference>/approve/", upload_moves.approve, name="approve"),
    path("uploads/<reference:reference>/decline/", upload_moves.decline, name="decline"),
    path("uploads/<reference:reference>/withdraw/", upload_moves.withdraw, name="withdraw"),
    path("thresholds/", thresholds.thresholds, name="thresholds"),
    path("thresholds/history/", thresholds.history, name="thresholds_history"),
    path("thresholds/export.csv", thresholds.thresholds_csv, name="thresholds_csv"),
    path("thresholds/prepare/", preparing.prepare, name="prepare_thresholds"),
    path("thresholds/prepared/<reference:reference>/", preparing.prepared_thresholds, name="prepared_thresholds"),
    path(
        "thresholds/prepared/<reference:reference>/file/",
        preparing.prepared_thresholds_file,
        name="prepared_thresholds_file",
    ),
    path("uploads/<reference:reference>/what-if/", what_if, name="what_if"),
    path("uploads/<reference:reference>/what-if/export.csv", what_if_csv, name="what_if_csv"),
    path("uploads/to-confirm/", desk.to_confirm, name="to_confirm"),
    path("uploads/<reference:reference>/confirm/", desk.confirm, name="confirm"),
    path("uploads/<reference:reference>/refuse/", desk.refuse, name="refuse"),
    path("uploads/<reference:reference>/said/", desk.said, name="said"),
    path("uploads/security-events/", desk.security_events, name="security_events"),
    path("uploads/security-events/export.csv", desk.security_events_csv, name="security_events_csv"),
    path("uploads/disaster-recovery/", by_email.disaster_recovery, name="disaster_recovery"),
    path("uploads/by-email/new/", by_email.register, name="register"),
    path("uploads/by-email/report/", by_email.report, name="report"),
    path("uploads/by-email/report.csv", by_email.report_csv, name="report_csv"),
    path("uploads/by-email/<reference:reference>/", by_email.by_email, name="by_email"),
    path("uploads/by-email/<reference:reference>/submit/", by_email.submit, name="submit_on_word"),
    path("uploads/by-email/<reference:reference>/approve/", by_email.approve, name="approve_on_word"),
    path("uploads/by-email/<reference:reference>/withdraw/", by_email.withdraw, name="withdraw_on_word"),
    path("uploads/<reference:reference>/done/<slug:verb>/", upload_moves.done, name="done"),
    path("quarantine/", quarantine.events, name="quarantine"),
    path("quarantine/<reference:reference>/", quarantine.event, name="quarantine_event"),
    path("quarantine/<reference:reference>/export.csv", quarantine.event_csv, name="quarantine_csv"),
    path("quarantine/<reference:reference>/decide/", quarantine.decide, name="quarantine_decide"),
    path("quarantine/<reference:reference>/prepare/", quarantine.prepare, name="quarantine_prepare"),
    path("quarantine/prepared/<reference:reference>/", quarantine.prepared_file, name="quarantine_prepared"),
]
