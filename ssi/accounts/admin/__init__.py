"""Parties, User IDs, people, grants and tokens on the service desk's pages."""

from ssi.accounts.admin import grants, parties, people, tokens

__all__ = ["grants", "parties", "people", "tokens"]
