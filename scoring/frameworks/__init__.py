"""The frameworks, one file each: pure functions from inputs to ``Scored``. They know no Django."""
