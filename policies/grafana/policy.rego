# METADATA
# title: Grafana
# description: Signs people in through Grafana's auth proxy. The best of their roles becomes their role in Grafana.
# custom:
#   hosts: [grafana.example.com]
package grafana

import data.lib.caller

default allow := false

allow if grafana_role

headers["X-WEBAUTH-USER"] := input.identity.subject

headers["X-WEBAUTH-EMAIL"] := input.identity.email

headers["X-WEBAUTH-NAME"] := input.identity.name

headers["X-WEBAUTH-ROLE"] := grafana_role

# Undefined for a caller without any of these roles.
grafana_role := "Admin" if {
	caller.has_role("admin")
} else := "Editor" if {
	caller.has_role("editor")
} else := "Viewer" if {
	caller.has_role("viewer")
}
