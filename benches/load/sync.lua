-- Syncs without changes: pulls with a new `last_sync` and empty pushes in turn, with a token of
-- `TOKENS` for each thread. A thread must have only one connection, or the two requests of a sync
-- would overlap.
local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init()
  local tokens = {}
  for token in os.getenv("TOKENS"):gmatch("[^,]+") do
    table.insert(tokens, token)
  end
  wrk.headers["Authorization"] = "Token " .. tokens[number % #tokens + 1]
  wrk.headers["Content-Type"] = "application/json"
  last_sync = tonumber(os.getenv("LAST_SYNC"))
  has_pulled = false
end

function request()
  has_pulled = not has_pulled
  if not has_pulled then
    return wrk.format("POST", "/watson/frames/bulk", nil, "[]")
  end
  last_sync = last_sync + 1
  local shown = os.date("!%Y-%m-%dT%H:%M:%S%%2B00:00", last_sync)
  return wrk.format("GET", "/watson/frames?last_sync=" .. shown)
end
