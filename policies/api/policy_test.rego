package api_test

import data.api

call(method, segments) := {"request": {"method": method, "path_segments": segments}}

call_with(scopes, claims, method, segments) := object.union(call(method, segments), {"identity": {
	"subject": "robot",
	"roles": ["admin"],
	"groups": [],
	"scopes": scopes,
	"claims": claims,
}})

test_reading_needs_the_read_scope if {
	api.allow with input as call_with(["orders:read"], {}, "GET", ["orders", "17"])
	not api.allow with input as call_with(["orders:write"], {}, "GET", ["orders"])
	not api.allow with input as call_with(["invoices:read"], {}, "GET", ["orders"])
	not api.allow with input as call_with([], {}, "GET", ["orders"])
}

test_changing_needs_the_write_scope if {
	every method in ["POST", "PUT", "PATCH", "PROPFIND"] {
		api.allow with input as call_with(["orders:write"], {}, method, ["orders"])
		not api.allow with input as call_with(["orders:read"], {}, method, ["orders"])
	}
}

test_deleting_needs_a_second_factor if {
	api.allow with input as call_with(["orders:write"], {"acr": "mfa"}, "DELETE", ["orders", "17"])
	not api.allow with input as call_with(["orders:write"], {"acr": "pwd"}, "DELETE", ["orders", "17"])
	not api.allow with input as call_with(["orders:write"], {}, "DELETE", ["orders", "17"])
	not api.allow with input as call_with(["orders:read"], {"acr": "mfa"}, "DELETE", ["orders", "17"])
}

test_unlisted_collections_are_closed if {
	every segments in [[], ["users"], ["ORDERS"], [""], [":read"]] {
		not api.allow with input as call_with(["orders:read", "users:read", ":read"], {}, "GET", segments)
	}
}

test_anonymous_is_denied_without_a_hint if {
	not api.allow with input as call("GET", ["orders"])
	not api.challenge with input as call("GET", ["orders"])
	not api.challenge with input as call("DELETE", ["orders"])
}

test_the_challenge_names_what_is_missing if {
	api.challenge == {"scope": "orders:write"} with input as call_with([], {}, "DELETE", ["orders"])
	api.challenge == {"acr_values": "mfa"} with input as call_with(["orders:write"], {}, "DELETE", ["orders"])
	not api.challenge with input as call_with(["orders:write"], {"acr": "mfa"}, "DELETE", ["orders"])
}
