-- Sends the request that Traefik sends to its authorizer: 14 headers, the tokens of a file in turn.
-- Arguments: <file of tokens>
local requests = {}

local head = "GET /auth HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0\r\n"
  .. "Accept: application/json, text/plain, */*\r\nAccept-Encoding: gzip, deflate, br\r\nAccept-Language: en-US,en;q=0.9\r\n"
  .. "Cookie: theme=dark; sidebar=1\r\nReferer: https://api.example.com/items\r\n"
  .. "X-Forwarded-For: 203.0.113.9\r\nX-Forwarded-Host: bench.example.com\r\nX-Forwarded-Method: GET\r\nX-Forwarded-Port: 443\r\n"
  .. "X-Forwarded-Proto: https\r\nX-Forwarded-Uri: /api/v1/items/42?page=2&sort=name\r\nAuthorization: Bearer "

function init(args)
  for token in io.lines(args[1]) do
    requests[#requests + 1] = head .. token .. "\r\n\r\n"
  end
end

local index = 0

function request()
  index = index % #requests + 1
  return requests[index]
end

function done(summary, latency)
  local errors = summary.errors
  io.write(string.format(
    '{"requests":%d,"seconds":%.3f,"p50":%d,"p99":%d,"statusErrors":%d,"socketErrors":%d}\n',
    summary.requests, summary.duration / 1e6, latency:percentile(50), latency:percentile(99),
    errors.status, errors.connect + errors.read + errors.write + errors.timeout
  ))
end
