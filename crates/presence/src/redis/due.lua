-- Finds users of one bucket whose deadlines have passed. It changes nothing about them: whoever asks
-- reads, decides and writes.
--
-- KEYS[1] since when the bucket is remembered
-- KEYS[2] the users of the bucket by their deadlines
-- ARGV[1] at most so many
--
-- Answers { now, remembered since, user, user, ... }. Times are microseconds since 1970.
local time = redis.call('TIME')
local now = string.format('%d%06d', tonumber(time[1]), tonumber(time[2]))
redis.call('SET', KEYS[1], now, 'NX')
local answer = { now, redis.call('GET', KEYS[1]) }
for _, user in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT', 0, ARGV[1])) do
  answer[#answer + 1] = user
end
return answer
