# METADATA
# custom:
#   hosts: [wrong.example.com]
package wrong_key

default allow := false

allow if "admin" in input.identity.roles
