# METADATA
# title: Step-up
# description: A transfer needs a sign-in with a second factor that is not older than five minutes (RFC 9470).
# custom:
#   hosts: [bank.example.com]
package step_up

default allow := false

allow if {
	input.identity
	not is_sensitive
}

allow if {
	is_sensitive
	is_strong
}

# What the caller's program has to ask the identity provider for.
challenge := {"acr_values": "mfa", "max_age": max_age_seconds} if is_sensitive

max_age_seconds := 300

default is_sensitive := false

is_sensitive if lower(input.request.path_segments[0]) == "transfers"

is_strong if {
	input.identity.claims.acr == "mfa"
	(time.now_ns() / 1000000000) - input.identity.claims.auth_time <= max_age_seconds
}
