package methods_test

import data.methods

may(role, method, collection) if {
	request := {"method": method, "path_segments": [collection], "preflight": false}
	methods.allow with input as {"request": request, "identity": {"subject": "ann", "roles": [role]}}
}

test_listed_methods if {
	may("reader", "GET", "articles")
	may("reader", "POST", "comments")
	not may("reader", "POST", "articles")
	not may("author", "DELETE", "articles")
}

test_other_methods_are_closed if {
	every method in ["PATCH", "PROPFIND", "get"] {
		not may("author", method, "articles")
	}
}

test_preflight_needs_no_credentials if methods.allow with input.request as {"method": "OPTIONS", "preflight": true}

test_other_options_are_closed if not methods.allow with input.request as {"method": "OPTIONS", "preflight": false}
