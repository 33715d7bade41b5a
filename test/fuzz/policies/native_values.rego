# What the compiler links into every module, over numbers, lists, sets and objects.
package fuzz.native_values

members := {e | some e in input.list}

others := {e | some e in input.list2}

r["abs"] := abs(input.n)

r["ceil"] := ceil(input.n)

r["floor"] := floor(input.n)

r["round"] := round(input.n)

r["plus"] := input.n + input.m

r["minus"] := input.n - input.m

r["mul"] := input.n * input.m

# The native one ends the evaluation at -0.
r["div"] := input.n / input.m if input.m != 0

r["rem"] := input.i % input.j

r["bits.and"] := bits.and(input.i, input.j)

r["bits.or"] := bits.or(input.i, input.j)

r["bits.xor"] := bits.xor(input.i, input.j)

r["bits.negate"] := bits.negate(input.i)

r["bits.lsh"] := bits.lsh(input.i, input.j)

r["bits.rsh"] := bits.rsh(input.i, input.j)

r["equal"] := input.x == input.y

r["lt"] := input.x < input.y

r["lte"] := input.x <= input.y

r["gt"] := input.x > input.y

r["gte"] := input.x >= input.y

r["neq"] := input.x != input.y

r["and"] := members & others

r["or"] := members | others

r["difference"] := members - others

r["intersection"] := intersection({members, others})

r["union"] := union({members, others})

r["array.concat"] := array.concat(input.list, input.list2)

r["array.flatten"] := array.flatten(input.list)

r["array.reverse"] := array.reverse(input.list)

r["array.slice"] := array.slice(input.list, input.i, input.j)

r["count"] := count(input.x)

r["sum"] := sum(input.numbers)

r["product"] := product(input.numbers)

r["max"] := max(input.list)

r["min"] := min(input.list)

r["sort"] := sort(input.list)

r["sort set"] := sort(members)

r["numbers.range"] := numbers.range(input.i, input.j)

r["graph.reachable"] := graph.reachable(input.graph, input.texts)

# The native ones read outside of their memory where a path is empty.
paths_are_safe if {
	every path in input.paths {
		is_string(path)
		path != ""
	}
}

r["json.filter"] := json.filter(input.object, input.paths) if paths_are_safe

r["json.remove"] := json.remove(input.object, input.paths) if paths_are_safe

r["object.filter"] := object.filter(input.object, input.texts)

r["object.get"] := object.get(input.object, input.texts, input.x)

r["object.get key"] := object.get(input.object, input.s, input.x)

r["object.keys"] := object.keys(input.object)

r["object.remove"] := object.remove(input.object, input.texts)

r["object.union"] := object.union(input.object, input.object2)

r["object.union_n"] := object.union_n([input.object, input.object2])

r["type_name"] := type_name(input.x)

r["is_array"] := is_array(input.x)

r["is_boolean"] := is_boolean(input.x)

r["is_null"] := is_null(input.x)

r["is_number"] := is_number(input.x)

r["is_object"] := is_object(input.x)

r["is_set"] := is_set(input.x)

r["is_string"] := is_string(input.x)

r["internal.member_2"] := input.x in input.list

r["internal.member_3"] := (input.s, input.x in input.object)

r["walk"] := count([path | walk(input.x, [path, _])])

r["every"] if {
	every e in input.list {
		is_string(e)
	}
}

r["comprehension"] := {k: v | some k, v in input.object}

r["set"] := {e: true | some e in members; is_string(e)}

r["copy"] := input.x
