-- Syncs of which nothing comes, by the devices of `TOKENS` in turn: a pull with a `last_sync` that is new, and an empty push.
local tokens = {}
for token in os.getenv("TOKENS"):gmatch("[^,]+") do
  table.insert(tokens, token)
end
local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init()
  -- Each thread has devices of its own, if there are several.
  own, at, second, open = {}, 0, os.time(), {}
  for one = number + 1, #tokens, 2 do
    table.insert(own, tokens[one])
  end
  own[1] = own[1] or tokens[1]
  wrk.headers["Content-Type"] = "application/json"
end

function request()
  at = at % #own + 1
  wrk.headers["Authorization"] = "Token " .. own[at]
  open[at] = not open[at]
  if not open[at] then
    return wrk.format("POST", "/watson/frames/bulk", nil, "[]")
  end
  second = second + 1
  return wrk.format("GET", "/watson/frames?last_sync=" .. os.date("!%Y-%m-%dT%H:%M:%S%%2B00:00", second))
end
