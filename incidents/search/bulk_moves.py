"""What waits for an answer of the actor's User ID, to be answered by file."""

from incidents.models import WorkPack
from incidents.models.choices import Side, State
from incidents.search.install_code_requests import Requests, requests_of
from ssi.access.actor import Actor

MOST_COUNTED = 10_000


def to_answer(actor: Actor, pack: WorkPack | None = None) -> Requests:
    """Return the requests that wait for an answer of the User ID acted for; of one pack if it is given."""
    found = requests_of(actor, side=Side.ASSIGNED, state=State.ASSIGNED)
    return found if pack is None else found.filter(work_pack=pack)


def count_to_answer(actor: Actor, pack: WorkPack | None = None) -> int:
    """Return how many these are, counted no further than one above 10,000."""
    return to_answer(actor, pack).order_by()[: MOST_COUNTED + 1].count()
