# METADATA
# title: From Basic authentication
# description: Passwords go on working until a date, to read; tokens may do everything. The app gets the name where it always was.
# custom:
#   hosts: [intranet.example.com]
package from_basic

default allow := false

allow if input.identity.authenticated_by != "basic"

allow if {
	input.identity.authenticated_by == "basic"
	input.request.method in {"GET", "HEAD"}
	time.now_ns() < passwords_end
}

passwords_end := time.parse_rfc3339_ns("2030-01-01T00:00:00Z")

message := "Passwords can only read, and until the end of 2029. Sign in at https://id.example.com." if {
	input.identity.authenticated_by == "basic"
}

# What the app took from the Authorization header so far.
headers["X-Remote-User"] := input.identity.subject
