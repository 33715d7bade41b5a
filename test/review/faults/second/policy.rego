# METADATA
# custom:
#   hosts: [twice.example.com]
package second

default allow := false

allow if input.identity
