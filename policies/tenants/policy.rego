# METADATA
# title: Tenants
# description: One host for each tenant. Members read, owners also write; who they are stands in data.yaml.
# custom:
#   hosts: ["*.tenants.example.com"]
package tenants

import data.lib.method

default allow := false

allow if standing == "owner"

allow if {
	standing == "member"
	method.reads
}

deny contains sprintf("tenant %s is suspended", [tenant]) if tenant in data.tenants.suspended

headers["X-Tenant"] := tenant

headers["X-Tenant-Role"] := standing

# The app learns the caller's standing with this tenant, not the roles that the identity provider gave.
roles := [standing]

tenant := trim_suffix(input.request.host, ".tenants.example.com")

standing := data.tenants.members[tenant][input.identity.subject]
