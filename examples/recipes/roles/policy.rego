# METADATA
# title: Roles
# description: What each role may do stands in one table. The app learns the best of the caller's roles.
# custom:
#   hosts: [roles.example.com]
package roles

default allow := false

allow if {
	some role in input.identity.roles
	input.request.method in may[role]
}

may := {
	"viewer": {"GET", "HEAD"},
	"editor": {"GET", "HEAD", "POST", "PUT", "PATCH"},
	"admin": {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"},
}

headers["X-App-Role"] := [role | some role in ["admin", "editor", "viewer"]; role in input.identity.roles][0]
