# METADATA
# custom:
#   hosts: ["*.example.org"]
#   paths: [/admin]
package wild

default allow := false

allow if input.identity
