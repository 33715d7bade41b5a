package untested_test

import data.untested

test_editors_may if {
	untested.allow with input as {"identity": {"roles": ["editor"]}}
}
