-- Writes the state of a user over the very one that it was decided from, and tells others.
--
-- KEYS[1] since when the bucket is remembered
-- KEYS[2] the users of the bucket by their deadlines
-- KEYS[3] the state: a hash of `revision` and `state`
-- KEYS[4] ws:last_seen of the user
-- ARGV[1] the user
-- ARGV[2] the revision to write over; empty, where nothing may stand
-- ARGV[3] the new state
-- ARGV[4] its deadline, in microseconds since 1970; empty for none
-- ARGV[5] for how long a state without a deadline is kept, in milliseconds
-- ARGV[6] when the user was last heard of, in milliseconds since 1970; empty when not connected
-- ARGV[7] until when that is kept, in milliseconds since 1970
-- ARGV[8] the channel of those who are to hear of it
-- ARGV[9..] what they are told
--
-- Answers { now, remembered since, 1, new revision }, or { now, remembered since, 0, revision, state } of
-- what stands there instead, with false for nothing. Revisions grow, also when everything is lost.
local fields = redis.call('HMGET', KEYS[3], 'revision', 'state')
if (fields[1] or '') ~= ARGV[2] then
  return { now, born, 0, fields[1], fields[2] }
end
local revision = now
if fields[1] and tonumber(fields[1]) >= tonumber(now) then
  revision = string.format('%.0f', tonumber(fields[1]) + 1)
end
redis.call('HSET', KEYS[3], 'revision', revision, 'state', ARGV[3])
if ARGV[4] == '' then
  redis.call('ZREM', KEYS[2], ARGV[1])
  redis.call('PEXPIRE', KEYS[3], ARGV[5])
else
  redis.call('ZADD', KEYS[2], ARGV[4], ARGV[1])
  redis.call('PERSIST', KEYS[3])
end
if ARGV[6] ~= '' then
  redis.call('SET', KEYS[4], ARGV[6], 'PXAT', ARGV[7])
end
for i = 9, #ARGV do
  redis.call('PUBLISH', ARGV[8], ARGV[i])
end
return { now, born, 1, revision }
