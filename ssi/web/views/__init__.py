"""Pages that belong to no subject: is the portal well, and for whom does it work."""
