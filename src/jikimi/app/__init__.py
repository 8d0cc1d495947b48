"""Where the rooms are put together: one module a role. It must never hold a rule of its own."""
