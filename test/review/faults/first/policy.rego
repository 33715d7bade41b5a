# METADATA
# custom:
#   hosts: [twice.example.com]
package first

default allow := false

allow if input.identity
