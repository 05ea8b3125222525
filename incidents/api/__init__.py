"""The incidents floor in the REST API: one module a noun, one router for all."""

from ninja import Router

from incidents.api import batches, install_code_requests

router = Router()
router.add_router("", batches.router)
router.add_router("", install_code_requests.router)

__all__ = ["router"]
