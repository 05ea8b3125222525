"""The desk's admin pages of this floor: one module a noun."""

from incidents.admin import install_code_requests

__all__ = ["install_code_requests"]
