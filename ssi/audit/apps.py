"""The audit log as an app."""

from django.apps import AppConfig


class AuditConfig(AppConfig):
    """Append-only, hash-chained record of what people and the portal did."""

    name = "ssi.audit"
    label = "audit"
    verbose_name = "Audit log"
