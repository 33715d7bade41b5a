package app_name_test

get(path_segments) := {"method": "GET", "path_segments": path_segments}

admin := {"subject": "eve", "roles": ["admin"]}

test_everybody_reads if {
	data.app_name.allow with input as {"request": get([])}
	data.app_name.allow with input as {"request": get(["news", "admin"])}
	data.app_name.allow with input as {"request": get(["administration"])}
}

test_nobody_else_changes if {
	every method in ["POST", "PUT", "DELETE", "PROPFIND"] {
		not data.app_name.allow with input as {"request": {"method": method, "path_segments": ["news"]}}
	}
}

test_admin_area_is_closed if {
	every path_segments in [["admin"], ["Admin"], ["admin", "users"]] {
		not data.app_name.allow with input as {"request": get(path_segments)}
	}
}

test_administrators_do_everything if {
	data.app_name.allow with input as {"request": {"method": "POST", "path_segments": ["admin"]}, "identity": admin}
}
