"""Which module does which kind of bulk work."""

from incidents.actions.bulk import raising
from incidents.actions.bulk.engine import register
from incidents.models.choices import BulkKind

register(BulkKind.RAISE, raising)
