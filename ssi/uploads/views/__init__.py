"""The pages of uploads, thresholds and quarantine."""
