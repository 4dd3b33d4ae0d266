-- The page of one repair asks for it by its id alone.
CREATE INDEX repairs_id ON repairs (id);
