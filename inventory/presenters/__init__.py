"""How things of the inventory read on a screen, in a file and in words: one module a noun."""
