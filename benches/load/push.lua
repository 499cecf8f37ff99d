-- Pushes of new frames, `FRAMES` in each.
local frames = tonumber(os.getenv("FRAMES"))
local threads = 0

function setup(thread)
  thread:set("number", threads)
  threads = threads + 1
end

function init()
  math.randomseed(os.time() * 64 + number)
  wrk.headers["Content-Type"] = "application/json"
end

local function uuid()
  return string.format("%08x-%04x-4%03x-a%03x-%06x%06x", math.random(0, 0xffffffff), math.random(0, 0xffff),
    math.random(0, 0xfff), math.random(0, 0xfff), math.random(0, 0xffffff), math.random(0, 0xffffff))
end

function request()
  local list = {}
  for at = 1, frames do
    list[at] = string.format(
      '{"id":"%s","begin_at":"2026-03-01T09:%02d:00Z","end_at":"2026-03-01T10:%02d:00Z","project":"project %d","tags":["tag %d"]}',
      uuid(), at % 60, at % 60, math.random(1, 40), math.random(1, 40))
  end
  return wrk.format("POST", nil, nil, "[" .. table.concat(list, ",") .. "]")
end
