package myapp_test

import data.myapp

demo := {"subject": "user-abc", "roles": ["admin", "user"], "groups": [], "scopes": []}

test_demo_user_is_allowed if myapp.allow with input.identity as demo

test_roles_do_not_matter if myapp.allow with input.identity as object.union(demo, {"roles": []})

test_anonymous_is_denied if not myapp.allow with input as {"request": {"method": "GET", "path_segments": []}}
