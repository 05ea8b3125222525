"""The Central Products List: importing it, what follows for devices, and finding a product in it."""
