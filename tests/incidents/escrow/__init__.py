"""Codes in escrow."""
