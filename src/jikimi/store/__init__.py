"""PostgreSQL: the unit of work, the migrations, the embedded server. It must never know what a table means."""
