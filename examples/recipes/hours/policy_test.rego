package hours_test

import data.hours

clerk := {"subject": "ann", "roles": ["clerk"]}

# Winter and summer time, the first and the last moment.
test_open_in_working_hours if {
	every moment in [
		"2026-01-30T08:00:00+01:00",
		"2026-01-30T17:59:59+01:00",
		"2026-07-31T08:00:00+02:00",
	] {
		hours.allow with input.identity as clerk with time.now_ns as time.parse_rfc3339_ns(moment)
	}
}

test_closed_at_night_and_at_the_weekend if {
	every moment in [
		"2026-01-30T07:59:59+01:00",
		"2026-01-30T18:00:00+01:00",
		"2026-01-31T12:00:00+01:00",
	] {
		not hours.allow with input.identity as clerk with time.now_ns as time.parse_rfc3339_ns(moment)
	}
}
