-- Whether the database was ever opened to be used. One that was only copied into can be copied into
-- again: nothing is lost by it.
ALTER TABLE stream ADD COLUMN is_used BIGINT NOT NULL DEFAULT 1 CHECK (is_used IN (0, 1));
