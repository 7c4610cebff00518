-- How many connections each server holds, for administrators: when it was counted last, if it was.
ALTER TABLE nodes ADD COLUMN connections BIGINT NOT NULL DEFAULT 0;
ALTER TABLE nodes ADD COLUMN people      BIGINT NOT NULL DEFAULT 0;
ALTER TABLE nodes ADD COLUMN counted_at  BIGINT;
