package site_test

import data.site

call(method, segments) := {"request": {"method": method, "path_segments": segments}}

call_by(roles, method, segments) := object.union(
	call(method, segments),
	{"identity": {"subject": "alice", "roles": roles, "groups": [], "scopes": []}},
)

test_everybody_reads_the_public_part if {
	site.allow with input as call("GET", [])
	site.allow with input as call("HEAD", ["news", "2026"])
	site.allow with input as call("GET", ["adminton"])
	site.allow with input as call_by(["user"], "GET", ["news"])
}

test_nobody_else_enters_the_admin_part if {
	every segments in [["admin"], ["admin", "users"], ["ADMIN"], ["Admin", "x"]] {
		not site.allow with input as call("GET", segments)
		not site.allow with input as call_by(["user"], "GET", segments)
	}
}

test_nobody_else_changes_anything if {
	not site.allow with input as call("POST", [])
	not site.allow with input as call("DELETE", ["news"])
	not site.allow with input as call_by(["user"], "PUT", ["news"])
}

test_administrators_do_both if {
	site.allow with input as call_by(["admin"], "GET", ["admin"])
	site.allow with input as call_by(["admin"], "POST", ["news"])
}

test_only_the_unknown_are_sent_to_sign_in if {
	site.redirect == "/login" with input as call("GET", ["admin"])
	not site.redirect with input as call("GET", ["news"])
	not site.redirect with input as call_by(["user"], "GET", ["admin"])
}

test_the_area_is_named if {
	site.headers == {"X-Site-Area": "admin"} with input as call_by(["admin"], "GET", ["admin"])
	site.headers == {} with input as call("GET", [])
}

test_a_request_without_a_method_is_denied if not site.allow with input as {"request": {"path_segments": []}}
