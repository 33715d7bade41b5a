# METADATA
# custom:
#   hosts: [mute.example.com]
package mute

message := "closed"
