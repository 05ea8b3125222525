"""Write the reference pages again from the code, or tell which are stale."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from ssi.web import reference


class Command(BaseCommand):
    """A page is stale when the code would now write it differently."""

    help = "Writes the generated pages of docs/reference; with --check, exits 1 and names those that are stale."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take whether only to look."""
        parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if a page is stale")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write, or look."""
        folder = settings.BASE_DIR / "docs" / "reference"
        pages = reference.collect()
        stale = [name for name, text in pages.items() if not _says(folder / name, text)]
        if options["check"]:
            if stale:
                named = ", ".join(f"docs/reference/{name}" for name in stale)
                raise CommandError(f"Stale: {named}. Run `make docs` and put the result into the same change.")
            return
        folder.mkdir(parents=True, exist_ok=True)
        for name in stale:
            (folder / name).write_text(pages[name], encoding="utf-8")
            self.stderr.write(f"Wrote docs/reference/{name}")


def _says(path: Path, text: str) -> bool:
    return path.exists() and path.read_text(encoding="utf-8") == text
