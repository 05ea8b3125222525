"""A broker of the test's own."""

from tests.broker import use_broker, valkey

__all__ = ["use_broker", "valkey"]
