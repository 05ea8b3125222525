"""Accounts as an app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    """Parties, User IDs, people and what they may do."""

    name = "ssi.accounts"
    label = "accounts"
    verbose_name = "Parties and people"
