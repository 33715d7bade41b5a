# METADATA
# custom:
#   hosts: [wiki.example.org]
package exact

default allow := false

allow if input.identity
