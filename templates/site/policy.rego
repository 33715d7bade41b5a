# METADATA
# title: Site
# description: A public site. Everybody may read it, but not /admin; administrators may do everything.
# custom:
#   hosts: ["app-host.example"]
package app_name

default allow := false

allow if {
	input.request.method in {"GET", "HEAD", "OPTIONS"}
	not admin_area
}

allow if "admin" in input.identity.roles

message := "This area is for administrators." if admin_area

# What "not" asks for needs a value in any case.
default admin_area := false

admin_area if lower(input.request.path_segments[0]) == "admin"
