-- A shelter stays a shelter.

-- Asked every second, of everybody who has a secret place: whether any order protects them.
CREATE INDEX protective_order_protects ON protective_order (victim) WHERE ended_at IS NULL;

-- Which rooms are to call her back is of the day she asked; who may know of her is of the day of the look.
DROP POLICY keeper_or_room ON withdrawal;
CREATE POLICY keeper_or_room ON withdrawal FOR SELECT TO jikimi_people USING (
  NOT tied(person) AND (agency = current_agency() OR current_agency() = ANY (rooms) AND granted(person, 'person')));
