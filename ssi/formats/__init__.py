"""How dates read where Django shows them by itself: as on the portal's own pages."""
