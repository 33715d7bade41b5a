package lib.place_test

import data.lib.place

test_whole_segments_in_any_case if {
	place.below(["admin"]) with input.request.path_segments as ["admin"]
	place.below(["admin"]) with input.request.path_segments as ["Admin", "users"]
	place.below(["a", "b"]) with input.request.path_segments as ["a", "b", "c"]
}

test_elsewhere if {
	place.below(["admin"]) == false with input.request.path_segments as []
	place.below(["admin"]) == false with input.request.path_segments as ["adminton"]
	place.below(["admin"]) == false with input.request.path_segments as ["x", "admin"]
	place.below(["a", "b"]) == false with input.request.path_segments as ["a"]
	place.below([]) == false with input.request.path_segments as ["a"]
	place.below(["admin"]) == false with input as {}
}
