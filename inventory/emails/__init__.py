"""What the inventory says by e-mail: a reference, a number and a link; never a device. One module a noun."""
