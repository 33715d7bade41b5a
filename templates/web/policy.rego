# METADATA
# title: Web app
# description: A web app with roles. Viewers read, editors also change, administrators also get to /admin.
# custom:
#   hosts: ["app-host.example"]
package app_name

default allow := false

allow if {
	"viewer" in input.identity.roles
	reads
	not admin_area
}

allow if {
	"editor" in input.identity.roles
	not admin_area
}

allow if "admin" in input.identity.roles

message := "This area is for administrators." if admin_area

# Rules that others deny with "not" need a value in any case.
default reads := false

reads if input.request.method in {"GET", "HEAD", "OPTIONS"}

default admin_area := false

admin_area if lower(input.request.path_segments[0]) == "admin"
