# METADATA
# title: Where the request goes
# description: Compares whole path segments, so that /adminton is not below /admin, and ignores case, as many apps do.
package lib.place

default below(_) := false

below(segments) if {
	count(segments) > 0
	sent := array.slice(input.request.path_segments, 0, count(segments))
	[lower(segment) | some segment in sent] == [lower(segment) | some segment in segments]
}
