-- Servers read the stream of changes of all chats in its order.
CREATE UNIQUE INDEX changes ON messages (changed_offset);

-- Servers at this database: each counts how often it has reached the Redis that they share, so that
-- one which cannot finds out whether others can.
CREATE TABLE nodes (
    node_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    beats   BIGINT NOT NULL,
    seen_at BIGINT NOT NULL
);
