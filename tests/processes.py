"""Running the portal's programs from a test, on the test's own database and broker."""

import os
from urllib.parse import urlsplit

from django.db import connection


def environment_of_this_test() -> dict[str, str]:
    """Return the environment in which a child process sees what the test has committed."""
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    return dict(os.environ) | {"DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "ssi.settings"}
