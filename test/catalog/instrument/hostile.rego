# METADATA
# title: "{ if else } # `"
package hostile

import data.lib.words
import data.lib.words.twice as doubled

default allow := false # { if

default fallback(_) := "none"

# if { not a rule }
allow if input.plain

allow if { # { comment } with braces
	# } else if {
	some role in input.roles # "unclosed
	role == "admin"; role != `raw } { # "`

	every item in input.list { item > 0; item < 10 } # }
}

allow if not input.banned with input.banned as input.nothing

allow if
	# on its own line { "
	input.late

allow if { words.is_word(input.word) } else := false if { input.never } else if input.bare # c
else if { startswith(input.word, "x") }

allow if (input.group == 3)

allow if {
	count({x | some x in input.list; x > 2}) > 1
	not every_small
	object.get(input, ["a", "b"], "}") == "}"
}

every_small if every x in input.list { x < 5 }

status := 401 if input.plain else := 402 if input.late else := input.status

message := sprintf("é😀 %v %s", [input.word, "{}"]) if {
	"é😀" != input.word;		input.word
	value := {
		"a": 1, # {
		"b": [y | some y in input.list; y != 2],
	}
	value.b[_] == input.pick
}

# The condition comes after what it uses.
late_binding := pair if {
	some i
	input.list[i] == wanted
	wanted = input.pick
	pair := [i, wanted]
}

unified := x if {
	[x, y] = [input.word, z]
	z = input.pick
	y > 0
}

deny contains "nope" if input.denied

deny contains text if { text := input.text } { text := "second"; input.second }

deny contains doubled(name) if {
	some name in object.keys({k: v | some k, v in input.object; v})
	print("seen", name, {"x": 1})
	walk(input.object, [path, leaf])
	count(path) > 0
	leaf == true
}

headers["X-Plain"] := input.word

headers[name] := concat(",", [value | some value in input.object[name]; is_string(value)]) if {
	some name
	input.object[name]
	name in {"X-Äb", "X-B"}
}

headers[sprintf("X-%d", [n])] := "é" if some n in input.list

roles contains input.role

roles contains role if some role in input.roles

deep.er.still[input.word] := {"a": input.pick} if input.plain

sized(x) := "big" if x > 5 else := "small" if { x > 1 } else := "tiny"

sized_twice(x, [y, _]) := sized(x) if y

challenge := {"scope": sized(input.pick)} if not deep.er.still.nothing

redirect := $"/x/{input.word}/{count([q | some q in input.list; q > 1])}" if sized_twice(1, [input.plain, 2]) == "tiny"

nested if {
	some a in [b | some b in {c | some c in input.list; every d in input.list { d >= c; not d == 7 }}]
	a
}

message := "nested" if { nested; not input.word }

fallback(x) := x.name if x.name

deny contains fallback(input.object) if input.fall
