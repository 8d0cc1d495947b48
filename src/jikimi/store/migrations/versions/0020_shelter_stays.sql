-- A shelter stays a shelter.

-- Asked every second, of everybody who has a secret place: whether any order protects them.
CREATE INDEX protective_order_protects ON protective_order (victim) WHERE ended_at IS NULL;
