# Time, by the host.
package fuzz.time

r["time.now_ns"] if time.now_ns() == time.now_ns()

r["time.parse_rfc3339_ns"] := time.parse_rfc3339_ns(input.time)

r["time.parse_ns"] := time.parse_ns(input.layout, input.time)

r["time.format"] := time.format(input.ns)

r["time.format zone"] := time.format([input.ns, input.zone])

r["time.format layout"] := time.format([input.ns, input.zone, input.layout])

r["time.parse back"] := time.parse_ns(input.layout, time.format([input.ns, "UTC", input.layout]))

r["time.parse_duration_ns"] := time.parse_duration_ns(input.duration)

r["time.date"] := time.date([input.ns, input.zone])

r["time.clock"] := time.clock([input.ns, input.zone])

r["time.weekday"] := time.weekday([input.ns, input.zone])

r["time.add_date"] := time.add_date(input.ns, input.i, input.j, input.step)

r["time.diff"] := time.diff([input.ns, input.zone], [input.ns2, input.zone])
