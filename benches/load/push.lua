-- Pushes new frames, `FRAMES` in each, with a token of `TOKENS` for each thread if there are any.
local frames = tonumber(os.getenv("FRAMES"))
local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init()
  math.randomseed(os.time() * 64 + number)
  wrk.headers["Content-Type"] = "application/json"
  local tokens = {}
  for token in (os.getenv("TOKENS") or ""):gmatch("[^,]+") do
    table.insert(tokens, token)
  end
  if #tokens > 0 then
    wrk.headers["Authorization"] = "Token " .. tokens[number % #tokens + 1]
  end
end

local function uuid()
  local random = math.random
  return string.format("%08x-%04x-4%03x-a%03x-%06x%06x", random(0, 0xffffffff), random(0, 0xffff),
    random(0, 0xfff), random(0, 0xfff), random(0, 0xffffff), random(0, 0xffffff))
end

function request()
  local list = {}
  for at = 1, frames do
    list[at] = string.format(
      '{"id":"%s","begin_at":"2026-03-01T09:%02d:00Z","end_at":"2026-03-01T10:%02d:00Z",'
        .. '"project":"project %d","tags":["tag %d"]}',
      uuid(), at % 60, at % 60, math.random(1, 40), math.random(1, 40))
  end
  return wrk.format("POST", nil, nil, "[" .. table.concat(list, ",") .. "]")
end
