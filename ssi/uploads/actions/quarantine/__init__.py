"""Exit Quarantine: communications are held, decided about, and a file to be signed is built of the decisions."""
