"""Applies DUIS messages to the inventory, each in one transaction, and answers every one of them."""

from inventory.actions.service_requests.answering import answer, answer_all

__all__ = ["answer", "answer_all"]
