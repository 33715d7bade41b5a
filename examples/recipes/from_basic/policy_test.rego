package from_basic_test

import data.from_basic

caller(method) := {"subject": "ann", "authenticated_by": method}

allowed(http_method, method, moment) if {
	now := time.parse_rfc3339_ns(moment)
	request := {"method": http_method}
	from_basic.allow with input as {"request": request, "identity": caller(method)} with time.now_ns as now
}

test_passwords_read_until_the_end if {
	allowed("GET", "basic", "2029-12-31T23:59:59Z")
	not allowed("GET", "basic", "2030-01-01T00:00:00Z")
	not allowed("POST", "basic", "2029-12-31T23:59:59Z")
}

test_tokens_go_on if allowed("POST", "jwt", "2030-01-01T00:00:00Z")

test_anonymous_is_denied if not from_basic.allow with input as {"request": {"method": "GET"}}
