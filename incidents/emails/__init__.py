"""What we say by e-mail: one module a noun."""
