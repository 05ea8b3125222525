"""How uploads read on a screen."""
