-- Reads states of users of one bucket.
--
-- KEYS[1]   since when the bucket is remembered
-- KEYS[2..] a state each: a hash of `revision` and `state`
--
-- Answers { now, remembered since, revision, state, revision, state, ... } with false for what is not
-- there. Times are microseconds since 1970.
local answer = { now, born }
for i = 2, #KEYS do
  local fields = redis.call('HMGET', KEYS[i], 'revision', 'state')
  answer[#answer + 1] = fields[1]
  answer[#answer + 1] = fields[2]
end
return answer
