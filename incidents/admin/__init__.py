"""The desk's admin pages of this floor: one module a noun."""

from incidents.admin import asking_alerts, install_code_requests

__all__ = ["asking_alerts", "install_code_requests"]
