"""Is what was sent well-formed: one module a noun."""
