"""How long a test waits for what it does not measure.

A machine may be shared, and give a test a third of what it has: a wait that ends too soon tells of the machine and not of
us. Waiting ends as soon as there is nothing to wait for, so patience costs nothing where all is well.
"""

PATIENCE = 8.0
"""How many times longer than on a machine of our own."""
