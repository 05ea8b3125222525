"""How signed files are read and written: one parser a kind and version; see `registry.py`."""
