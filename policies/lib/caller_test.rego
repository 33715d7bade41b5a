package lib.caller_test

import data.lib.caller

alice := {"subject": "alice", "roles": ["admin"], "groups": [], "scopes": ["orders:read"]}

test_anonymous_caller_is_nobody if {
	caller.identified == false with input as {"request": {}}
	caller.roles == set() with input as {"request": {}}
	caller.has_role("admin") == false with input as {"request": {}}
	caller.has_scope("orders:read") == false with input as {"request": {}}
}

test_identified_caller_has_own_roles_and_scopes_only if {
	caller.identified with input.identity as alice
	caller.has_role("admin") with input.identity as alice
	caller.has_role("Admin") == false with input.identity as alice
	caller.has_role("") == false with input.identity as alice
	caller.has_scope("orders:read") with input.identity as alice
	caller.has_scope("orders:write") == false with input.identity as alice
}
