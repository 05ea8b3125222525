"""Which module does which kind of bulk work."""

from incidents.actions.bulk import depositing, raising
from incidents.actions.bulk.engine import register
from incidents.actions.bulk_moves.answering import Answering
from incidents.actions.bulk_moves.closing import Closing
from incidents.actions.bulk_moves.declining import Declining
from incidents.actions.bulk_moves.withdrawing import Withdrawing
from incidents.models.choices import BulkKind

register(BulkKind.RAISE, raising)
register(BulkKind.ANSWER, Answering())
register(BulkKind.DECLINE, Declining())
register(BulkKind.CLOSE, Closing())
register(BulkKind.WITHDRAW, Withdrawing())
register(BulkKind.DEPOSIT, depositing)
