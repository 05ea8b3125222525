"""DUIS messages: reading the XML of others safely, and saying in plain words what became of each."""
