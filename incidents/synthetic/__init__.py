"""A synthetic estate's work: Requests for Install Code with their history and clocks, loaded by COPY."""

from incidents.synthetic.loading import bytes_for, effort, load, prepare

__all__ = ["bytes_for", "effort", "load", "prepare"]
