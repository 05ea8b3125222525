"""How things are found: one module a noun."""
