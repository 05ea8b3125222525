"""What happens to meter points: their DCC Service Status, and who is told of it."""

from inventory.actions.meter_points.service_status import refresh_service_status

__all__ = ["refresh_service_status"]
