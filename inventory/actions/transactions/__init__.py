"""Counting the messages of Users by month, for the report RSAT_001."""

from inventory.actions.transactions.counting import ROLL_UP, refresh

__all__ = ["ROLL_UP", "refresh"]
