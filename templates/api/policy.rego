# METADATA
# title: API
# description: An API with scopes. To read needs app_name:read, everything else app_name:write.
# custom:
#   hosts: ["app-host.example"]
package app_name

default allow := false

allow if required_scope in input.identity.scopes

required_scope := "app_name:read" if {
	input.request.method in {"GET", "HEAD", "OPTIONS"}
} else := "app_name:write"

# What a caller without it is told (RFC 6750).
challenge := {"scope": required_scope}
