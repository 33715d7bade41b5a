package app_name_test

get(path_segments) := {"method": "GET", "path_segments": path_segments}

post(path_segments) := {"method": "POST", "path_segments": path_segments}

caller(roles) := {"subject": "ann", "roles": roles}

test_viewers_read if {
	data.app_name.allow with input as {"request": get(["docs"]), "identity": caller(["viewer"])}
	not data.app_name.allow with input as {"request": post(["docs"]), "identity": caller(["viewer"])}
}

test_editors_change if data.app_name.allow with input as {"request": post(["docs"]), "identity": caller(["editor"])}

test_admin_area_is_for_administrators if {
	data.app_name.allow with input as {"request": post(["admin"]), "identity": caller(["admin"])}
	not data.app_name.allow with input as {"request": get(["Admin", "users"]), "identity": caller(["viewer", "editor"])}
}

test_anonymous_is_denied if {
	not data.app_name.allow with input as {"request": get([])}
	not data.app_name.allow with input as {"request": get(["admin"])}
}

test_other_roles_are_denied if not data.app_name.allow with input as {"request": get([]), "identity": caller(["guest"])}
