package lib.method_test

import data.lib.method

test_reading_methods if {
	every name in ["GET", "HEAD", "OPTIONS"] {
		method.reads with input.request.method as name
	}
}

test_everything_else_changes if {
	every name in ["POST", "PUT", "PATCH", "DELETE", "PROPFIND", "TRACE", "get", ""] {
		method.reads == false with input.request.method as name
	}
	method.reads == false with input as {}
}
