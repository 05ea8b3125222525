"""No query count grows with the rows: as many statements a chunk, whatever is in it."""

from collections.abc import Iterator
from typing import NamedTuple

from bench.estate import estate, new_devices
from bench.harness import Options, Result, counted, expect
from incidents.actions import batches
from incidents.actions.bulk import engine, raising
from incidents.models import BulkJob

FEW, MANY = 1_000, 10_000


def run(options: Options) -> Iterator[Result]:
    """Count the statements of two lists; the larger one takes more chunks, and nothing else."""
    small, large = _statements(FEW), _statements(MANY)
    yield _result("Statements to check a list", small.check, large.check, allowed=small.check)
    chunks = -(-MANY // raising.CHUNK)
    yield _result(
        f"Statements to raise a list in {chunks} chunks", small.rest, large.rest, allowed=chunks * small.rest
    )


class Statements(NamedTuple):
    """How many statements it took to check a list, and to carry it out."""

    check: int
    rest: int


def _result(what: str, few: int, many: int, *, allowed: int) -> Result:
    return Result(what, MANY, value=f"{many}", limit=f"<= {allowed} ({few} for {FEW:,})", kept=many <= allowed)


def _statements(many: int) -> Statements:
    with counted() as checking:
        job = batches.draft(new_devices(many), estate().actor)
        engine.carry_on(job.pk)
    batches.confirm(job.reference, estate().actor)
    with counted() as running:
        while engine.carry_on(job.pk):
            pass
    expect("raised", BulkJob.objects.get(pk=job.pk).carried_out, many)
    return Statements(len(checking), len(running))
