"""The forms about accounts: one module a subject."""
