package shared_test

import data.lib.staff
import data.shared

test_employees_read if {
	shared.allow with staff.employed as true with input.request.method as "GET"
	not shared.allow with staff.employed as true with input.request.method as "POST"
}

test_anonymous_is_denied if not shared.allow with input as {"request": {"method": "GET"}}
