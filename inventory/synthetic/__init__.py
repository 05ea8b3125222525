"""A synthetic estate's things: millions of homes with their devices, drawn from a seed and loaded by COPY."""

from inventory.synthetic.loading import bytes_for, effort, load, prepare

__all__ = ["bytes_for", "effort", "load", "prepare"]
