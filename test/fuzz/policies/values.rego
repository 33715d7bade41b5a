# JSON, numbers, networks and graphs, by the host.
package fuzz.values

members := {e | some e in input.list}

r["json.marshal_with_options"] := json.marshal_with_options(input.x, input.options)

r["json.marshal_with_options set"] := json.marshal_with_options([members, input.y], {"indent": " "})

r["json.patch"] := json.patch(input.object, input.patches)

r["json.patch list"] := json.patch(input.list, input.patches)

r["json.patch set"] := json.patch({"a": members}, input.patches)

r["object.subset"] := object.subset(input.object, input.object2)

r["object.subset any"] := object.subset(input.x, input.y)

r["object.subset list"] := object.subset(input.list, input.list2)

r["object.subset set"] := object.subset(input.list, members)

r["json.match_schema"] := json.match_schema(input.object, input.schema)[0]

r["json.verify_schema"] := json.verify_schema(input.schema)[0]

r["numbers.range_step"] := numbers.range_step(input.i, input.j, input.step)

r["rand.intn"] if rand.intn(input.s, input.i) == rand.intn(input.s, input.i)

r["graph.reachable_paths"] := graph.reachable_paths(input.graph, input.texts)

r["net.cidr_is_valid"] := net.cidr_is_valid(input.cidr)

r["net.cidr_expand"] := net.cidr_expand(input.network) if {
	# Whatever it was changed to, few addresses.
	regex.match(`^[0-9.]+/(2[4-9]|3[0-2])$|/12[0-9]$`, input.network)
}

r["net.cidr_merge"] := net.cidr_merge([input.cidr, input.cidr2, input.address])

r["net.cidr_contains_matches"] := net.cidr_contains_matches([input.cidr, input.cidr2], {"a": input.address, "b": input.cidr2})
