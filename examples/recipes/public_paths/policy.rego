# METADATA
# title: Public paths
# description: The front page, the assets and the health check are open to everybody, the rest to those who have signed in.
# custom:
#   hosts: [public.example.com]
package public_paths

default allow := false

allow if {
	input.request.method in {"GET", "HEAD"}
	is_public
}

allow if input.identity

is_public if input.request.path_segments == []

is_public if input.request.path_segments[0] in {"assets", "health"}

# One page below a folder that is closed otherwise.
is_public if input.request.path_segments == ["docs", "imprint"]
