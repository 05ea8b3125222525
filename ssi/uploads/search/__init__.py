"""How uploads, thresholds and quarantined communications are found."""
