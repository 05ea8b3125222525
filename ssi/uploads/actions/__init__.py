"""What can be done with signed files: received, checked, submitted, confirmed, applied."""
