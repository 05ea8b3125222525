"""What becomes of Pending devices that nobody installs."""
