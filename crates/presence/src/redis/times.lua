-- What scripts begin with that tell the time: `now`, and `born`, since when the bucket is remembered. Times
-- are microseconds since 1970.
--
-- KEYS[1] since when the bucket is remembered
local time = redis.call('TIME')
local now = string.format('%d%06d', tonumber(time[1]), tonumber(time[2]))
local born = redis.call('GET', KEYS[1])
if not born or tonumber(born) > tonumber(now) then
  -- Not asked before, or the clock was set back.
  born = now
  redis.call('SET', KEYS[1], born)
end
