"""SM WAN coverage: what DCC expects of the connection at each place, imported from files."""

from inventory.actions.coverage.importing import Summary, import_file

__all__ = ["Summary", "import_file"]
