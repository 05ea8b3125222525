"""Work on thousands of requests at once: one engine, one module a kind of work.

`engine` takes an instruction, has it checked and carries it out; `findings` says why a row cannot be; `rows`
brings rows in. A kind's module has what `engine.Kind` asks for, and a line in `kinds`.
"""

from incidents.actions.bulk import kinds

__all__ = ["kinds"]
