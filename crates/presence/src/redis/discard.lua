-- Throws the state of a user away that nobody looks after any more, whatever is in it.
--
-- KEYS[1] the users of the bucket by their deadlines
-- KEYS[2] the state
-- ARGV[1] the user
-- ARGV[2] how long its deadline must have passed, in microseconds
--
-- Answers 1 when there is none now. Scores are exact: microseconds since 1970 fit into a double.
local due = redis.call('ZSCORE', KEYS[1], ARGV[1])
if due then
  local time = redis.call('TIME')
  local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
  if now < tonumber(due) + tonumber(ARGV[2]) then
    return 0
  end
  redis.call('ZREM', KEYS[1], ARGV[1])
end
redis.call('DEL', KEYS[2])
return 1
