-- Counts the responses to very many clients. A 503 is expected only with `Retry-After`.
local threads = {}

function setup(thread)
  table.insert(threads, thread)
end

function init()
  ok, busy, failed = 0, 0, 0
end

function response(status, headers)
  if status == 200 then
    ok = ok + 1
  elseif status == 503 and (headers["retry-after"] or headers["Retry-After"]) then
    busy = busy + 1
  else
    failed = failed + 1
  end
end

function done(summary, latency)
  local sums = { ok = 0, busy = 0, failed = 0 }
  for _, thread in ipairs(threads) do
    for name in pairs(sums) do
      sums[name] = sums[name] + thread:get(name)
    end
  end
  local errors = summary.errors
  local rate = summary.requests * 1000000 / summary.duration
  local slowest = latency:percentile(99) / 1000000
  local none = errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format("clients: %d/s, 99%% within %.1f s; ", rate, slowest))
  io.write(string.format("200: %d, 503: %d, else: %d, none: %d\n",
    sums.ok, sums.busy, sums.failed, none))
end
