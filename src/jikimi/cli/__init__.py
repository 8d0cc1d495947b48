"""The command line. It must never do what a room does; it calls rooms and prints."""
