# METADATA
# custom:
#   hosts: [name.example.com]
package other

default allow := false

allow if input.identity
