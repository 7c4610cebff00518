-- Ids are hyphenated lower-case UUIDs, times are milliseconds since 1970 in UTC, truths are 0 or 1.
-- Texts are compared by their bytes, whatever language the database was made for.

-- One row: the identity of the history, and its newest offset.
CREATE TABLE stream (
    id            BIGINT           NOT NULL PRIMARY KEY CHECK (id = 1),
    epoch         TEXT COLLATE "C" NOT NULL,
    newest_offset BIGINT           NOT NULL CHECK (newest_offset >= 0)
);

CREATE TABLE users (
    user_id       TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    username      TEXT COLLATE "C" NOT NULL UNIQUE CHECK (username <> ''),
    display_name  TEXT COLLATE "C" NOT NULL,
    password_hash TEXT COLLATE "C" NOT NULL,
    is_admin      BIGINT           NOT NULL CHECK (is_admin IN (0, 1)),
    created_at    BIGINT           NOT NULL,
    last_seen     BIGINT
);

CREATE TABLE sessions (
    session_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    user_id    TEXT COLLATE "C" NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
    token_hash BYTEA            NOT NULL UNIQUE CHECK (length(token_hash) = 32),
    user_agent TEXT COLLATE "C" NOT NULL,
    created_at BIGINT           NOT NULL,
    expires_at BIGINT           NOT NULL
);
CREATE INDEX sessions_of_user ON sessions (user_id);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

CREATE TABLE workspaces (
    workspace_id TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    slug         TEXT COLLATE "C" NOT NULL UNIQUE,
    name         TEXT COLLATE "C" NOT NULL,
    created_at   BIGINT           NOT NULL
);

CREATE TABLE workspace_members (
    workspace_id TEXT COLLATE "C" NOT NULL REFERENCES workspaces (workspace_id) ON DELETE CASCADE,
    user_id      TEXT COLLATE "C" NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
    role         TEXT COLLATE "C" NOT NULL CHECK (role IN ('member', 'admin', 'owner')),
    joined_at    BIGINT           NOT NULL,
    PRIMARY KEY (workspace_id, user_id)
);
CREATE INDEX workspaces_of_user ON workspace_members (user_id);

CREATE TABLE invitations (
    token_hash   BYTEA            NOT NULL PRIMARY KEY CHECK (length(token_hash) = 32),
    workspace_id TEXT COLLATE "C" NOT NULL REFERENCES workspaces (workspace_id) ON DELETE CASCADE,
    created_by   TEXT COLLATE "C" NOT NULL REFERENCES users (user_id) ON DELETE CASCADE,
    created_at   BIGINT           NOT NULL,
    expires_at   BIGINT           NOT NULL,
    uses_left    BIGINT           NOT NULL CHECK (uses_left >= 0)
);

-- name_key is the name in lower case, folded by the program: engines fold differently.
CREATE TABLE chats (
    chat_id      TEXT COLLATE "C" NOT NULL PRIMARY KEY,
    workspace_id TEXT COLLATE "C" NOT NULL REFERENCES workspaces (workspace_id) ON DELETE CASCADE,
    slug         TEXT COLLATE "C" NOT NULL,
    name         TEXT COLLATE "C" NOT NULL,
    name_key     TEXT COLLATE "C" NOT NULL,
    topic        TEXT COLLATE "C" NOT NULL,
    is_private   BIGINT           NOT NULL CHECK (is_private IN (0, 1)),
    created_at   BIGINT           NOT NULL,
    UNIQUE (workspace_id, slug),
    UNIQUE (workspace_id, name_key),
    UNIQUE (chat_id, workspace_id)
);

-- The two foreign keys that share workspace_id make every member of a chat a member of its workspace.
CREATE TABLE chat_members (
    chat_id       TEXT COLLATE "C" NOT NULL,
    user_id       TEXT COLLATE "C" NOT NULL,
    workspace_id  TEXT COLLATE "C" NOT NULL,
    role          TEXT COLLATE "C" NOT NULL CHECK (role IN ('member', 'owner')),
    read_sequence BIGINT           NOT NULL CHECK (read_sequence >= 0),
    joined_at     BIGINT           NOT NULL,
    PRIMARY KEY (chat_id, user_id),
    FOREIGN KEY (chat_id, workspace_id) REFERENCES chats (chat_id, workspace_id) ON DELETE CASCADE,
    FOREIGN KEY (workspace_id, user_id) REFERENCES workspace_members (workspace_id, user_id) ON DELETE CASCADE
);
CREATE INDEX chats_of_user ON chat_members (user_id, workspace_id);

-- sequence is the offset at which the message was written, changed_offset that of its newest change.
CREATE TABLE messages (
    sequence       BIGINT           NOT NULL PRIMARY KEY CHECK (sequence > 0),
    message_id     TEXT COLLATE "C" NOT NULL UNIQUE,
    chat_id        TEXT COLLATE "C" NOT NULL REFERENCES chats (chat_id) ON DELETE CASCADE,
    client_id      TEXT COLLATE "C" NOT NULL,
    author_id      TEXT COLLATE "C" NOT NULL REFERENCES users (user_id),
    text           TEXT COLLATE "C" NOT NULL,
    sent_at        BIGINT           NOT NULL,
    edited_at      BIGINT,
    deleted_at     BIGINT,
    changed_offset BIGINT           NOT NULL CHECK (changed_offset >= sequence),
    UNIQUE (author_id, client_id),
    CHECK (deleted_at IS NULL OR text = '')
);
-- History by its first two columns; counting the unread without touching the table by all four.
CREATE INDEX messages_of_chat ON messages (chat_id, sequence, author_id, deleted_at);
CREATE INDEX changes_of_chat ON messages (chat_id, changed_offset);
