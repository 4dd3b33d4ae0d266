-- Lists of what was done last are read from their end, and no further than they are shown.
-- The list of a past day is read in the order of tags, whoever owned the devices then.
CREATE INDEX books_past ON books (tag, book);
CREATE INDEX exits_latest ON exits (on_day, COALESCE(exit, event), org);
CREATE INDEX exits_operation ON exits (COALESCE(exit, event), on_day, event, org);
CREATE INDEX wipes_latest ON wipes (on_day, COALESCE(wipe, event), org);
CREATE INDEX wipes_operation ON wipes (COALESCE(wipe, event), on_day, event, org);
CREATE INDEX retirements_latest ON retirements (proposed, on_day DESC, org, COALESCE(reference, ''), cause);
-- How many people or models there are, those put away left out: counted from the index alone.
CREATE INDEX entries_counts ON entries (kind, archived, org);
