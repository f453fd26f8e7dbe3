"""Decision tools on top of the optimizer: plain data in and out, each notion in its own file."""
