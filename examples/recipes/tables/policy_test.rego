package tables_test

import data.tables

teams := {"blue": {"ann": "owner"}, "red": {"ann": "member"}}

as_ann(team) := {"request": {"path_segments": [team]}, "identity": {"subject": "ann"}}

test_standing_is_told if {
	tables.headers == {"X-Team": "blue", "X-Standing": "owner"} with input as as_ann("blue") with data.tables.teams as teams
}

test_strangers_stay_out if {
	not tables.allow with input as {"request": {"path_segments": ["blue"]}} with data.tables.teams as teams
	not tables.allow with input as as_ann("green") with data.tables.teams as teams
}

test_closed_team_is_denied if {
	tables.deny == {"team red is closed"} with input as as_ann("red") with data.tables.closed as ["red"]
}
