"""What the facts mean for the orders: fixes and orders in, decisions out.

Pure: it must never read a clock, a random number, a file or a socket, so that a recording replays to the same bytes.
"""
