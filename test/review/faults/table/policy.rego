# METADATA
# custom:
#   hosts: [table.example.com]
package table

default allow := false

allow if input.identity.subject in data.table.users
