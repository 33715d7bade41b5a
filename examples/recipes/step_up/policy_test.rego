package step_up_test

import data.step_up

transfer := {"method": "POST", "path_segments": ["transfers"]}

now_seconds := 1800000000

caller(claims) := {"subject": "ann", "claims": claims}

allowed(request, claims) if {
	now := now_seconds * 1000000000
	step_up.allow with input as {"request": request, "identity": caller(claims)} with time.now_ns as now
}

test_transfer_needs_a_recent_second_factor if {
	allowed(transfer, {"acr": "mfa", "auth_time": now_seconds - 300})
	not allowed(transfer, {"acr": "mfa", "auth_time": now_seconds - 301})
	not allowed(transfer, {"acr": "pwd", "auth_time": now_seconds})
	not allowed(transfer, {"acr": "mfa"})
	not allowed(transfer, {})
}

test_the_rest_needs_a_sign_in_alone if {
	allowed({"method": "GET", "path_segments": ["accounts"]}, {})
	not step_up.allow with input.request as {"method": "GET", "path_segments": ["accounts"]}
}

test_spelling_is_no_way_around if not allowed({"method": "POST", "path_segments": ["Transfers"]}, {})
