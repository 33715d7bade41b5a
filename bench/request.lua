-- Sends the request that Traefik sends to its authorizer: 14 headers. Arguments: <file> <connections> [<order>]
-- The file has a line for each request, in turn: the header lines that differ between them, joined by tabs. With the number of
-- connections each is sent once, and then the run ends; with 0 again and again. The order is a file of line numbers, in place of
-- one after the other.
local ffi = require("ffi")
ffi.cdef("int getpid(void); int kill(int process, int signal);")
local INTERRUPT = 2

local requests = {}
local order

local head = "GET /auth HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n"
  .. "Accept: application/json, text/plain, */*\r\nAccept-Encoding: gzip, deflate, br\r\nAccept-Language: en-US,en;q=0.9\r\n"
  .. "Cookie: theme=dark; sidebar=1\r\nReferer: https://api.example.com/items\r\n"
  .. "X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Host: bench.example.com\r\nX-Forwarded-Method: GET\r\nX-Forwarded-Port: 443\r\n"
  .. "X-Forwarded-Proto: https\r\nX-Forwarded-Uri: /api/v1/items/42?page=2&sort=name\r\n"

function init(args)
  for lines in io.lines(args[1]) do
    requests[#requests + 1] = head .. lines:gsub("\t", "\r\n") .. (lines == "" and "\r\n" or "\r\n\r\n")
  end
  if args[3] then
    order = {}
    for number in io.lines(args[3]) do
      order[#order + 1] = tonumber(number)
    end
  end
  local connections = tonumber(args[2])
  if connections == 0 then return end
  -- wrk makes one request to look at and does not send it.
  local left = #(order or requests) - 1
  -- Asked before each request.
  function delay()
    left = left - 1
    if left == -connections then
      ffi.C.kill(ffi.C.getpid(), INTERRUPT)
    end
    return left >= 0 and 0 or 3600000
  end
end

local index = 0

function request()
  index = index % #(order or requests) + 1
  return requests[order and order[index] or index]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"seconds":%.3f,"p50":%d,"p99":%d,"statusErrors":%d,"socketErrors":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout
  ))
end
