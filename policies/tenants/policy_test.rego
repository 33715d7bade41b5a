package tenants_test

import data.tenants

members := {
	"acme": {"alice": "owner", "bob": "member"},
	"globex": {"carol": "owner"},
}

call(subject, method, host) := {
	"request": {"method": method, "host": host},
	"identity": {"subject": subject, "roles": ["admin"], "groups": [], "scopes": []},
}

test_owners_read_and_write if {
	every method in ["GET", "POST", "DELETE"] {
		tenants.allow with input as call("alice", method, "acme.tenants.example.com")
			with data.tenants.members as members
	}
}

test_members_only_read if {
	tenants.allow with input as call("bob", "GET", "acme.tenants.example.com") with data.tenants.members as members
	not tenants.allow with input as call("bob", "POST", "acme.tenants.example.com") with data.tenants.members as members
}

test_strangers_are_denied_whatever_their_roles if {
	every host in ["acme.tenants.example.com", "unknown.tenants.example.com", "x.globex.tenants.example.com"] {
		not tenants.allow with input as call("carol", "GET", host) with data.tenants.members as members
	}
}

test_anonymous_is_denied if {
	not tenants.allow with input as {"request": {"method": "GET", "host": "acme.tenants.example.com"}}
}

test_a_suspended_tenant_is_closed_with_a_reason if {
	tenants.deny == {"tenant acme is suspended"} with input as call("alice", "GET", "acme.tenants.example.com")
		with data.tenants.suspended as ["acme"]
	tenants.deny == set() with input as call("alice", "GET", "acme.tenants.example.com")
		with data.tenants.suspended as []
}

test_the_app_learns_tenant_and_standing if {
	request := call("bob", "GET", "acme.tenants.example.com")
	expected := {"X-Tenant": "acme", "X-Tenant-Role": "member"}
	tenants.headers == expected with input as request with data.tenants.members as members
	tenants.roles == ["member"] with input as request with data.tenants.members as members
}

test_the_shipped_table_can_be_read if {
	tenants.allow with input as call("alice", "POST", "acme.tenants.example.com")
	tenants.deny != set() with input as call("peter", "GET", "initech.tenants.example.com")
}
