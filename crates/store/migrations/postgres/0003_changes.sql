-- Servers read the stream of changes of all chats in its order.
CREATE UNIQUE INDEX changes ON messages (changed_offset);
