"""The inventory floor in the REST API: one module a noun, one router for all."""

from ninja import Router

from inventory.api import devices

router = Router()
router.add_router("", devices.router)

__all__ = ["router"]
