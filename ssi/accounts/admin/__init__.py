"""Parties, User IDs, people, grants, successions and tokens on the service desk's pages."""

from ssi.accounts.admin import grants, parties, people, successions, tokens

__all__ = ["grants", "parties", "people", "successions", "tokens"]
