# METADATA
# custom:
#   hosts: [misspelt.example.com]
package misspelt

default allow := false

allow if "admin" in input.identity.role

allow if input.request.methd == "GET"
