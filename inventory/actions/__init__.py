"""What can be done with the things: verbs of the domain, each told by whom."""
