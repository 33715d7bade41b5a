package grafana_test

import data.grafana

person(roles) := {"subject": "alice", "roles": roles, "groups": [], "scopes": []}

test_best_role_wins if {
	grafana.headers["X-WEBAUTH-ROLE"] == "Admin" with input.identity as person(["viewer", "admin"])
	grafana.headers["X-WEBAUTH-ROLE"] == "Editor" with input.identity as person(["viewer", "editor"])
	grafana.headers["X-WEBAUTH-ROLE"] == "Viewer" with input.identity as person(["viewer"])
}

test_each_of_the_roles_opens_the_door if {
	every role in ["admin", "editor", "viewer"] {
		grafana.allow with input.identity as person([role])
	}
}

test_caller_without_such_a_role_is_denied if {
	not grafana.allow with input.identity as person([])
	not grafana.allow with input.identity as person(["user", "Admin"])
}

test_anonymous_is_denied_and_named_by_no_header if {
	not grafana.allow with input as {"request": {"method": "GET"}}
	grafana.headers == {} with input as {"request": {"method": "GET"}}
}

test_headers_name_the_person if {
	alice := object.union(person(["viewer"]), {"email": "alice@example.com", "name": "Alice"})
	grafana.headers == {
		"X-WEBAUTH-USER": "alice",
		"X-WEBAUTH-EMAIL": "alice@example.com",
		"X-WEBAUTH-NAME": "Alice",
		"X-WEBAUTH-ROLE": "Viewer",
	} with input.identity as alice
}

test_unknown_email_and_name_are_left_out if {
	grafana.headers == {
		"X-WEBAUTH-USER": "alice",
		"X-WEBAUTH-ROLE": "Viewer",
	} with input.identity as person(["viewer"])
}
