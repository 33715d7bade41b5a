# METADATA
# custom:
#   hosts: [rows.example.com]
package rows

default allow := false

allow if "admin" in input.identity.roles
