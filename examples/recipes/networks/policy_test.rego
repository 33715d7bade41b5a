package networks_test

import data.networks

from(address) := {"method": "GET", "client_ip": address}

test_office_needs_no_sign_in if {
	networks.allow with input.request as from("203.0.113.9")
	networks.allow with input.request as from("2001:db8:aa::9")
}

test_elsewhere_is_closed if {
	not networks.allow with input.request as from("198.51.100.1")
	not networks.allow with input.request as from("2001:db8:ab::9")
}

test_unknown_address_is_not_the_office if not networks.allow with input.request as {"method": "GET"}

test_employees_come_from_anywhere if {
	employee := {"subject": "ann", "roles": ["employee"]}
	networks.allow with input as {"request": from("198.51.100.1"), "identity": employee}
}
