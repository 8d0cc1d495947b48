"""The built screens, and how they are served. It must never decide who may see what: the routes they ask do."""
