# METADATA
# title: API
# description: |
#   Each collection has two scopes: GET /orders needs orders:read, POST /orders needs orders:write.
#   To delete, the caller must also have signed in with a second factor.
# custom:
#   hosts: [api.example.com]
package api

import data.lib.caller
import data.lib.method

default allow := false

allow if {
	caller.has_scope(required_scope)
	not second_factor_missing
}

headers["X-API-Collection"] := collection

# A collection that is not listed has no scope that would open it.
collection := input.request.path_segments[0] if input.request.path_segments[0] in {"orders", "invoices"}

action := "read" if {
	method.reads
} else := "write"

required_scope := sprintf("%s:%s", [collection, action])

default second_factor_missing := false

second_factor_missing if {
	input.request.method == "DELETE"
	not signed_in_twice
}

default signed_in_twice := false

signed_in_twice if input.identity.claims.acr == "mfa"

# What would help: the scope first, then the second factor (RFC 6750 and RFC 9470).
challenge := {"scope": required_scope} if {
	caller.identified
	not caller.has_scope(required_scope)
} else := {"acr_values": "mfa"} if {
	caller.identified
	second_factor_missing
}
