-- Words beside the ledger, and who is told.

-- What an account that was ended had open waits to be taken also where it had begun no shift.
ALTER TABLE handover ALTER COLUMN shift DROP NOT NULL;
