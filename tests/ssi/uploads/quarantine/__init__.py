"""Exit Quarantine: events, decisions, files, and their pages."""
