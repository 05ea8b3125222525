"""The inventory floor in the REST API: one module a noun, one router for all."""

from ninja import Router

from inventory.api import devices, service_requests

router = Router()
router.add_router("", devices.router)
router.add_router("", service_requests.router)

__all__ = ["router"]
