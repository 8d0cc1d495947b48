-- All of an order that detection reads: hours of a place, corridors, and where a suspension holds.

ALTER TABLE place
  ADD COLUMN line jsonb,
  ADD COLUMN width_m double precision CHECK (width_m > 0),
  -- When it counts: stretches, hours of every week in the regime's own time, and what a court granted.
  ADD COLUMN schedule jsonb,
  ADD COLUMN hours jsonb,
  ADD COLUMN exceptions jsonb;
ALTER TABLE place DROP CONSTRAINT place_check;
ALTER TABLE place ADD CONSTRAINT place_one_shape CHECK (
  (polygon IS NOT NULL)::int + (line IS NOT NULL)::int
    + (lon IS NOT NULL AND lat IS NOT NULL AND radius_m IS NOT NULL)::int = 1);
ALTER TABLE place ADD CONSTRAINT place_line_width CHECK ((line IS NULL) = (width_m IS NULL));
-- Whoever may go along a line is told it.
ALTER TABLE place ADD CONSTRAINT place_line_told CHECK (line IS NULL OR NOT secret);
