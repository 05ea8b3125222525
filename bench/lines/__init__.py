"""The lines: each module has `run(options)`, which yields its results."""
