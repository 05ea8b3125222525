"""The roll-ups behind the reports: kept by set-based refresh, so that a page never counts devices."""

from inventory.actions.reports.counting import DEVICES, Refreshed, refresh_device_counts

__all__ = ["DEVICES", "Refreshed", "refresh_device_counts"]
