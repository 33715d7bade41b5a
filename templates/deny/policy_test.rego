package app_name_test

test_everybody_is_denied if {
	not data.app_name.allow with input as {"request": {"method": "GET"}}
	not data.app_name.allow with input.identity as {"subject": "eve", "roles": ["admin"]}
}
