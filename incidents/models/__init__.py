"""What is true of the work about things."""

from incidents.models.install_code_requests import InstallCodeRequest, InstallCodeRequestEvent

__all__ = ["InstallCodeRequest", "InstallCodeRequestEvent"]
