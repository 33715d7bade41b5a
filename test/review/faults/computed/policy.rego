# METADATA
# custom:
#   hosts: [computed.example.com]
package computed

default allow := false

allow if input.identity

headers[name] := "1" if {
	some role in input.identity.roles
	name := concat("-", ["X-Role", role])
}
