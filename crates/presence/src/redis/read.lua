-- Reads states of users of one bucket.
--
-- KEYS[1]   since when the bucket is remembered
-- KEYS[2..] a state each: a hash of `revision` and `state`
--
-- Answers { now, remembered since, revision, state, revision, state, ... } with false for what is not
-- there. Times are microseconds since 1970.
local time = redis.call('TIME')
local now = string.format('%d%06d', tonumber(time[1]), tonumber(time[2]))
redis.call('SET', KEYS[1], now, 'NX')
local answer = { now, redis.call('GET', KEYS[1]) }
for i = 2, #KEYS do
  local fields = redis.call('HMGET', KEYS[i], 'revision', 'state')
  answer[#answer + 1] = fields[1]
  answer[#answer + 1] = fields[2]
end
return answer
