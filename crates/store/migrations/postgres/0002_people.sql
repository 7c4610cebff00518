-- People: what they choose to show, whom they are friends with, what they are to be told of, and
-- chats that are named after their people.

-- mode_until and text_until are when the mode becomes automatic, or the text empty, by itself.
-- status_version grows with each change of these; notifications_version with each change of the
-- person's notifications, whose transactions it puts in order.
ALTER TABLE users ADD COLUMN mode TEXT COLLATE "C" NOT NULL DEFAULT 'automatic' CHECK (mode IN ('automatic', 'dnd', 'invisible'));
ALTER TABLE users ADD COLUMN mode_until BIGINT;
ALTER TABLE users ADD COLUMN status_text TEXT COLLATE "C" NOT NULL DEFAULT '';
ALTER TABLE users ADD COLUMN text_until BIGINT;
ALTER TABLE users ADD COLUMN status_version BIGINT NOT NULL DEFAULT 0 CHECK (status_version >= 0);
ALTER TABLE users ADD COLUMN last_seen_audience TEXT COLLATE "C" NOT NULL DEFAULT 'everyone' CHECK (last_seen_audience IN ('everyone', 'friends', 'nobody'));
ALTER TABLE users ADD COLUMN notifications_version BIGINT NOT NULL DEFAULT 0 CHECK (notifications_version >= 0);
CREATE INDEX modes_by_expiry ON users (mode_until) WHERE mode_until IS NOT NULL;
CREATE INDEX texts_by_expiry ON users (text_until) WHERE text_until IS NOT NULL;

-- direct_key is absent for a channel. That of a direct chat is the ids of its people, in order and
-- with a comma between them: the same people have one direct chat in a workspace. Its slug and
-- name_key are its id, and its name is empty.
ALTER TABLE chats ADD COLUMN direct_key TEXT COLLATE "C";
CREATE UNIQUE INDEX direct_chats ON chats (workspace_id, direct_key);

ALTER TABLE chat_members ADD COLUMN is_muted BIGINT NOT NULL DEFAULT 0 CHECK (is_muted IN (0, 1));

-- Friendship is mutual: each has two rows.
CREATE TABLE friends (
    user_id   TEXT COLLATE "C" NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
    friend_id TEXT COLLATE "C" NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
    since     BIGINT           NOT NULL,
    PRIMARY KEY (user_id, friend_id),
    CHECK (user_id <> friend_id)
);

-- asker asks asked to be friends.
CREATE TABLE friend_requests (
    asker_id TEXT COLLATE "C" NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
    asked_id TEXT COLLATE "C" NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
    asked_at BIGINT           NOT NULL,
    PRIMARY KEY (asker_id, asked_id),
    CHECK (asker_id <> asked_id)
);
CREATE INDEX requests_to ON friend_requests (asked_id);

-- user_id wants to hear nothing of blocked_id.
CREATE TABLE blocks (
    user_id    TEXT COLLATE "C" NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
    blocked_id TEXT COLLATE "C" NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
    blocked_at BIGINT           NOT NULL,
    PRIMARY KEY (user_id, blocked_id),
    CHECK (user_id <> blocked_id)
);
CREATE INDEX blocked_by ON blocks (blocked_id);

-- message_sequence is the newest message that it stands for, count how many. changed_version is the
-- person's notifications_version at its newest change.
CREATE TABLE notifications (
    notification_id  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    user_id          TEXT COLLATE "C" NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
    kind             TEXT COLLATE "C" NOT NULL CHECK (kind IN ('mention', 'direct_message', 'friend_request', 'friend_accepted', 'invitation')),
    actor_id         TEXT COLLATE "C" NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
    chat_id          TEXT COLLATE "C" REFERENCES chats (chat_id) ON DELETE CASCADE,
    message_sequence BIGINT,
    count            BIGINT           NOT NULL CHECK (count > 0),
    happened_at      BIGINT           NOT NULL,
    is_read          BIGINT           NOT NULL CHECK (is_read IN (0, 1)),
    changed_version  BIGINT           NOT NULL
);
CREATE INDEX notifications_of_user ON notifications (user_id, happened_at, notification_id);
CREATE INDEX unread_notifications ON notifications (user_id, chat_id) WHERE is_read = 0;
CREATE UNIQUE INDEX unread_direct ON notifications (user_id, chat_id) WHERE is_read = 0 AND kind = 'direct_message';
