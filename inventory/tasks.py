"""Work handed over after the commit. PostgreSQL says what is to be done; the broker's messages only hurry it."""

from celery import shared_task

from inventory.actions.corrections import engine as corrections
from inventory.actions.corrections import waking as corrections_waking
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


@shared_task(name=corrections_waking.CARRY_ON, ignore_result=True, soft_time_limit=240, time_limit=300)
def carry_on_corrections(*, batch_id: int, **_later: object) -> None:
    """Go on with a file of corrections; may run twice, and beside others."""
    if corrections.carry_on(batch_id):
        corrections_waking.wake(batch_id)


@shared_task(name=corrections_waking.SWEEP, ignore_result=True)
def sweep_corrections(**_later: object) -> None:
    """Wake a worker for each file that is not finished: a message may have been lost, or a worker killed."""
    for batch_id in corrections.batches_to_do():
        corrections_waking.wake(batch_id, expires=corrections_waking.SWEEP_SECONDS)
