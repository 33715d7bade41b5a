package public_paths_test

import data.public_paths

get(path_segments) := {"method": "GET", "path_segments": path_segments}

test_public_paths_are_open if {
	every path_segments in [[], ["health"], ["assets", "app.css"], ["docs", "imprint"]] {
		public_paths.allow with input.request as get(path_segments)
	}
}

test_the_rest_needs_a_sign_in if {
	every path_segments in [["docs"], ["docs", "imprint", "draft"], ["assetsx"], ["Assets"]] {
		not public_paths.allow with input.request as get(path_segments)
		public_paths.allow with input as {"request": get(path_segments), "identity": {"subject": "ann"}}
	}
}

test_public_is_to_read if not public_paths.allow with input.request as {"method": "POST", "path_segments": []}
