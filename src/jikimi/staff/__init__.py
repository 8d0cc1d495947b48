"""Who is on duty, and what they are trained for. It must never refuse anybody who would do an urgent thing: it warns."""
