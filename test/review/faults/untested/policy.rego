# METADATA
# custom:
#   hosts: [untested.example.com]
package untested

default allow := false

allow if "admin" in input.identity.roles
