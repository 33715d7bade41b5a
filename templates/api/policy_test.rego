package app_name_test

caller(scopes) := {"subject": "robot", "scopes": scopes}

test_reading_needs_its_scope if {
	data.app_name.allow with input as {"request": {"method": "GET"}, "identity": caller(["app_name:read"])}
	not data.app_name.allow with input as {"request": {"method": "GET"}, "identity": caller(["app_name:write"])}
}

test_changing_needs_its_scope if {
	every method in ["POST", "DELETE", "PROPFIND"] {
		data.app_name.allow with input as {"request": {"method": method}, "identity": caller(["app_name:write"])}
		not data.app_name.allow with input as {"request": {"method": method}, "identity": caller(["app_name:read"])}
	}
}

test_missing_scope_is_named if {
	data.app_name.challenge.scope == "app_name:write" with input as {"request": {"method": "POST"}}
}

test_anonymous_is_denied if not data.app_name.allow with input as {"request": {"method": "GET"}}
