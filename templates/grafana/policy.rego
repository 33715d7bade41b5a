# METADATA
# title: Grafana
# description: Signs people in through Grafana's auth proxy. The best of their roles becomes their role in Grafana.
# custom:
#   hosts: ["app-host.example"]
package app_name

default allow := false

allow if grafana_role

headers["X-WEBAUTH-USER"] := input.identity.subject

headers["X-WEBAUTH-EMAIL"] := input.identity.email

headers["X-WEBAUTH-NAME"] := input.identity.name

headers["X-WEBAUTH-ROLE"] := grafana_role

# Undefined for a caller without any of these roles.
grafana_role := "Admin" if {
	"admin" in input.identity.roles
} else := "Editor" if {
	"editor" in input.identity.roles
} else := "Viewer" if {
	"viewer" in input.identity.roles
}
