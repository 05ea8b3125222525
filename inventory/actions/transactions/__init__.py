"""Counting the messages of Users by month, for the report RSAT_001."""

from inventory.actions.transactions.counting import refresh

__all__ = ["refresh"]
