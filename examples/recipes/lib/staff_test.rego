package lib.staff_test

import data.lib.staff

ann := {
	"subject": "ann",
	"issuer": "https://id.example.com",
	"email": "ann@example.com",
	"groups": ["docs-leads"],
}

test_employees_are_known_by_issuer_and_address if {
	staff.employed with input.identity as ann
	not staff.employed with input.identity as object.union(ann, {"issuer": "https://other.example.com"})
	not staff.employed with input.identity as object.union(ann, {"email": "ann@example.com.evil.test"})
	not staff.employed with input.identity as object.remove(ann, ["email"])
}

test_leads_are_employees_of_the_group if {
	staff.leads("docs") with input.identity as ann
	not staff.leads("sales") with input.identity as ann
	not staff.leads("docs") with input.identity as object.remove(ann, ["issuer"])
}

test_anonymous_is_nobody if {
	not staff.employed with input as {"request": {"method": "GET"}}
	not staff.leads("docs") with input as {"request": {"method": "GET"}}
}
