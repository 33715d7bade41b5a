# METADATA
# title: Scopes
# description: Each collection has a scope to read it and one to change it. Whoever lacks one is told which.
# custom:
#   hosts: [scopes.example.com]
package scopes

default allow := false

allow if required_scope in input.identity.scopes

# A collection that is not listed has no scope that would open it.
required_scope := sprintf("%s:%s", [collection, action])

collection := input.request.path_segments[0] if input.request.path_segments[0] in {"orders", "invoices"}

action := "read" if {
	input.request.method in {"GET", "HEAD"}
} else := "write"

challenge := {"scope": required_scope}
