package app_name_test

caller(roles) := {"subject": "ann", "roles": roles}

test_best_role_counts if {
	data.app_name.headers["X-WEBAUTH-ROLE"] == "Admin" with input.identity as caller(["viewer", "admin"])
	data.app_name.headers["X-WEBAUTH-ROLE"] == "Editor" with input.identity as caller(["editor", "viewer"])
	data.app_name.headers["X-WEBAUTH-ROLE"] == "Viewer" with input.identity as caller(["viewer"])
}

test_roles_admit if data.app_name.allow with input.identity as caller(["viewer"])

test_other_roles_are_denied if not data.app_name.allow with input.identity as caller(["guest"])

test_anonymous_is_denied if not data.app_name.allow with input as {"request": {"method": "GET"}}

test_unknown_email_is_not_sent if {
	object.keys(data.app_name.headers) == {"X-WEBAUTH-USER", "X-WEBAUTH-ROLE"} with input.identity as caller(["viewer"])
}
