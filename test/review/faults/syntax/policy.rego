# METADATA
# custom:
#   hosts: [syntax.example.com]
package syntax

default allow := false

allow if {
	input.request.method == "GET"
