"""What can be done, told by whom."""
