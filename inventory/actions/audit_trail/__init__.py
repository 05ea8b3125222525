"""Keeping the audit trail of Service Requests: every answered request, response and alert, for its own User."""

from inventory.actions.audit_trail.recording import Entry, keep, keep_many

__all__ = ["Entry", "keep", "keep_many"]
