"""The portal: who may do what, accounts, the audit log, notifications and the shared screens."""

from ssi.celery import app as celery_app  # so that every shared task, wherever it is called, finds its broker

__all__ = ["celery_app"]
