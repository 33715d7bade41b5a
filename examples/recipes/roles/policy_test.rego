package roles_test

import data.roles

ann := {"subject": "ann", "roles": ["viewer", "editor"]}

test_any_of_the_roles_will_do if {
	roles.allow with input as {"request": {"method": "PATCH"}, "identity": ann}
	not roles.allow with input as {"request": {"method": "DELETE"}, "identity": ann}
}

test_best_role_is_told if roles.headers["X-App-Role"] == "editor" with input.identity as ann

test_unknown_role_may_nothing if {
	not roles.allow with input as {"request": {"method": "GET"}, "identity": {"roles": ["guest"]}}
}

test_anonymous_may_nothing if not roles.allow with input as {"request": {"method": "GET"}}
