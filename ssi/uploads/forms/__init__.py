"""The forms of uploads, thresholds and quarantine."""
