# METADATA
# title: Who belongs to the house
# description: Shared by all apps; an edit here is an edit of each app that imports it.
package lib.staff

default employed := false

employed if {
	input.identity.issuer == "https://id.example.com"
	endswith(input.identity.email, "@example.com")
}

default leads(_) := false

leads(team) if {
	employed
	sprintf("%s-leads", [team]) in input.identity.groups
}
