"""What happens to meter points: their DCC Service Status, and who is told of it."""

from inventory.actions.meter_points.notifying import notify_service_status
from inventory.actions.meter_points.service_status import refresh_service_status

__all__ = ["notify_service_status", "refresh_service_status"]
