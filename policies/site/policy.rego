# METADATA
# title: Site
# description: Everybody may read it. What lies below /admin is for administrators, who may also change the rest.
# custom:
#   hosts: [site.example.com, www.example.com]
package site

import data.lib.caller
import data.lib.method
import data.lib.place

default allow := false

allow if {
	method.reads
	not place.below(["admin"])
}

allow if caller.has_role("admin")

headers["X-Site-Area"] := "admin" if place.below(["admin"])

# A browser is sent to the sign-in page; a program gets 401.
redirect := "/login" if {
	place.below(["admin"])
	not caller.identified
}

message := "This area is for administrators." if place.below(["admin"])
