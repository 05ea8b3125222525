"""Moves of many existing requests at once: one module a kind of work, and how each is begun."""

from incidents.actions.bulk import kinds
from incidents.actions.bulk_moves.answering import MOST_ANSWERS, answer_by_file
from incidents.actions.bulk_moves.beginning import close_selected, decline_selected, selected, withdraw_selected

__all__ = [
    "MOST_ANSWERS",
    "answer_by_file",
    "close_selected",
    "decline_selected",
    "kinds",
    "selected",
    "withdraw_selected",
]
