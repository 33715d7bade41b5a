# METADATA
# title: Closed
# description: Denies everybody everything, until a rule is added that says who may do what.
# custom:
#   hosts: ["app-host.example"]
package app_name

default allow := false
