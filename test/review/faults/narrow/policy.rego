# METADATA
# custom:
#   hosts: [narrow.example.com]
#   paths: [/api, /api/v1]
package narrow

default allow := false

allow if input.request.path == "/metrics"

allow if input.request.path_segments[0] == "admin"

allow if startswith(input.request.path, "/files/")

allow if startswith(input.request.path, "/api/v2/")
