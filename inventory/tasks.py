"""Work handed over after the commit. PostgreSQL says what is to be done; the broker's messages only hurry it."""

from celery import shared_task

from inventory.actions.products import carrying_out
from inventory.actions.products import waking as products_waking


@shared_task(name=products_waking.CARRY_OUT, ignore_result=True, soft_time_limit=540, time_limit=600)
def carry_out_products(*, import_id: int, **_later: object) -> None:
    """Let devices follow an import of the Central Products List; may run twice, and beside others."""
    if carrying_out.carry_out(import_id):
        products_waking.wake(import_id)


@shared_task(name=products_waking.SWEEP, ignore_result=True)
def sweep_products(**_later: object) -> None:
    """Wake a worker for each import that is not carried out: a message may have been lost, or a worker killed."""
    for import_id in carrying_out.imports_to_do():
        products_waking.wake(import_id, expires=products_waking.SWEEP_SECONDS)
