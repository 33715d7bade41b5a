# METADATA
# title: Methods
# description: What is not listed is denied, so that a method that nobody thought of opens nothing.
# custom:
#   hosts: [methods.example.com]
package methods

default allow := false

allow if {
	some role in role_needed[input.request.path_segments[0]][input.request.method]
	role in input.identity.roles
}

role_needed := {
	"articles": {"GET": ["reader", "author"], "POST": ["author"], "PUT": ["author"], "DELETE": ["editor"]},
	"comments": {"GET": ["reader", "author"], "POST": ["reader", "author"], "DELETE": ["author"]},
}

# A browser asks before it sends a request to another origin, and shows no credentials then.
allow if input.request.preflight
