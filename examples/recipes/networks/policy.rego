# METADATA
# title: IP ranges
# description: The office needs no sign-in. From elsewhere only employees come in.
# custom:
#   hosts: [networks.example.com]
package networks

default allow := false

allow if in_office

allow if "employee" in input.identity.roles

headers["X-Network"] := "office" if in_office

in_office if {
	some network in ["203.0.113.0/24", "2001:db8:aa::/48"]
	net.cidr_contains(network, input.request.client_ip)
}
