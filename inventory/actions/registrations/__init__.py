"""Registration data: who is the supplier and the network operator of a meter point, imported from files."""

from inventory.actions.registrations.findings import Finding
from inventory.actions.registrations.importing import Summary, import_file

__all__ = ["Finding", "Summary", "import_file"]
