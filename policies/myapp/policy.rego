# METADATA
# title: My app
# description: The demo. Everybody who has proved who they are may use it.
# custom:
#   hosts: [myapp.example.com]
package myapp

import data.lib.caller

default allow := false

allow if caller.identified
