"""Run the portal's commands against its database, embedded or given by the environment."""

import os
import sys

from django.core.management import execute_from_command_line

from ssi import embedded


def main() -> None:
    """Run one command; without DATABASE_URL the embedded servers are used, and started if they sleep."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ssi.settings")
    with embedded.environment_for_command(sys.argv):
        execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
