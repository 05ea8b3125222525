"""Parties, User IDs, people, grants, officers, successions and tokens on the service desk's pages."""

from ssi.accounts.admin import grants, officers, parties, people, successions, tokens

__all__ = ["grants", "officers", "parties", "people", "successions", "tokens"]
