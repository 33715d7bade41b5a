# METADATA
# title: Tables
# description: Who is in which team stands in data.yaml, which is changed without touching the policy.
# custom:
#   hosts: [tables.example.com]
package tables

default allow := false

allow if standing

deny contains sprintf("team %s is closed", [team]) if team in data.tables.closed

team := input.request.path_segments[0]

standing := data.tables.teams[team][input.identity.subject]

headers["X-Team"] := team

headers["X-Standing"] := standing
