"""The inventory's screens."""
