# METADATA
# title: Time windows
# description: Clerks work from 8 to 18 o'clock, Monday to Friday, in Berlin. Administrators come at any time.
# custom:
#   hosts: [hours.example.com]
package hours

default allow := false

allow if {
	"clerk" in input.identity.roles
	is_open
}

allow if "admin" in input.identity.roles

message := "Open from Monday to Friday, 8 to 18 o'clock." if not is_open

default is_open := false

is_open if {
	now := [time.now_ns(), "Europe/Berlin"]
	time.weekday(now) in {"Monday", "Tuesday", "Wednesday", "Thursday", "Friday"}
	[hour, _, _] := time.clock(now)
	hour >= 8
	hour < 18
}
