"""What happens to the details of a device besides its SMI Status: each change with its history."""

from inventory.actions.details.changing import change_details

__all__ = ["change_details"]
