"""Template tags of the portal; `ssi` is built in, so no template needs to load it."""
