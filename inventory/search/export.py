"""The list of devices as lines of a CSV file, a million and more of them, made by PostgreSQL."""

from collections.abc import Iterator, Sequence

from django.db.models import Expression

from inventory.models import Device
from inventory.search.listing import Filters, SearchTooBroad, first_of, matching
from ssi.web.copied import copied


def device_lines(filters: Filters, cells: Sequence[Expression], *, at_most: int, more: str) -> Iterator[bytes]:
    """Return the devices that fit as lines of `cells`, the Device ID first, in the order of their Device IDs.

    The line `more` ends a file of which `at_most` devices are not all. The first lines are fetched at once, so
    that SearchTooBroad comes before anything was sent to anybody. They begin at the first device that fits: one
    maker's lie together, with millions of others before them.
    """
    first = first_of(filters)
    devices = matching(filters).filter(pk__gte=first.pk) if first else Device.objects.none()
    return copied(devices, cells, at_most=at_most, more=more, too_broad=SearchTooBroad)
