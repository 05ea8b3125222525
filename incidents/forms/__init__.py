"""How people's input is read: one module a noun."""
