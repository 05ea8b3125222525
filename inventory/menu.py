"""The inventory's entry in the menu."""

from ssi.access.components import Component
from ssi.web import navigation
from ssi.web.navigation import Entry

navigation.add(Entry("Devices", "inventory:devices", (Component.INVENTORY_SEARCH,), order=20))
