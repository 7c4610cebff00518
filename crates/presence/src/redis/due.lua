-- Finds users of one bucket whose deadlines have passed. It changes nothing about them: whoever asks
-- reads, decides and writes.
--
-- KEYS[1] since when the bucket is remembered
-- KEYS[2] the users of the bucket by their deadlines
-- ARGV[1] at most so many
--
-- Answers { now, remembered since, user, user, ... }. Times are microseconds since 1970.
local answer = { now, born }
for _, user in ipairs(redis.call('ZRANGEBYSCORE', KEYS[2], '-inf', now, 'LIMIT', 0, ARGV[1])) do
  answer[#answer + 1] = user
end
return answer
