"""Counting what each User sent, by the hour: Anomaly Detection Thresholds are held against it."""

from inventory.actions.traffic.counting import KEPT, refresh

__all__ = ["KEPT", "refresh"]
