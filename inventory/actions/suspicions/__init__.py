"""Suspicions: devices whose details are probably wrong, found by comparing them with each other."""

from inventory.actions.suspicions.finding import SUSPICIONS, Refreshed, refresh_suspicions

__all__ = ["SUSPICIONS", "Refreshed", "refresh_suspicions"]
