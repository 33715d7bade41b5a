# METADATA
# title: Shared rules
# description: Employees read, the leads of the docs team also write. Who that is says lib/staff.rego.
# custom:
#   hosts: [shared.example.com]
package shared

import data.lib.staff

default allow := false

allow if {
	staff.employed
	input.request.method in {"GET", "HEAD"}
}

allow if staff.leads("docs")
