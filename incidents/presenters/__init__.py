"""How things read on a screen: one module a noun."""
