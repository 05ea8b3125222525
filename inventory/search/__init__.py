"""How to find devices: by one identifier, by up to 50,000 of them, by filters. An index serves every path."""

from inventory.search.export import device_lines
from inventory.search.listing import (
    Filters,
    SearchTooBroad,
    UserUnknown,
    devices_page,
    every_user,
    users_named,
)
from inventory.search.lookup import (
    MOST_IDENTIFIERS,
    Lookup,
    TooManyIdentifiers,
    identifiers_in,
    look_up,
    sort_out,
)
from inventory.search.one import (
    Detail,
    DeviceRemoved,
    DeviceUnknown,
    Found,
    MeterPointUnknown,
    detail_of,
    device_of,
    find,
)

__all__ = [
    "MOST_IDENTIFIERS",
    "Detail",
    "DeviceRemoved",
    "DeviceUnknown",
    "Filters",
    "Found",
    "Lookup",
    "MeterPointUnknown",
    "SearchTooBroad",
    "TooManyIdentifiers",
    "UserUnknown",
    "detail_of",
    "device_lines",
    "device_of",
    "devices_page",
    "every_user",
    "find",
    "identifiers_in",
    "look_up",
    "sort_out",
    "users_named",
]
