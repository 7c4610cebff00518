-- Takes a user without a state off the list of deadlines, where an eviction may leave one.
--
-- KEYS[1] the users of the bucket by their deadlines
-- KEYS[2] the state
-- ARGV[1] the user
--
-- Answers 1 when there was none.
if redis.call('EXISTS', KEYS[2]) == 1 then
  return 0
end
redis.call('ZREM', KEYS[1], ARGV[1])
return 1
