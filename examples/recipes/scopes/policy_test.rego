package scopes_test

import data.scopes

post_order := {"method": "POST", "path_segments": ["orders"]}

test_scope_opens_its_collection if {
	scopes.allow with input as {"request": post_order, "identity": {"scopes": ["orders:write"]}}
	not scopes.allow with input as {"request": post_order, "identity": {"scopes": ["orders:read", "invoices:write"]}}
}

test_missing_scope_is_named if scopes.challenge.scope == "orders:write" with input.request as post_order

test_unknown_collection_is_closed if {
	request := {"method": "GET", "path_segments": ["users"]}
	not scopes.allow with input as {"request": request, "identity": {"scopes": ["users:read"]}}
}
