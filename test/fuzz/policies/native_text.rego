# What the compiler links into every module, over text.
package fuzz.native_text

r["base64.encode"] := base64.encode(input.s)

r["base64.decode"] := base64.decode(input.base64)

r["base64.is_valid"] := base64.is_valid(input.base64)

r["base64url.encode"] := base64url.encode(input.s)

r["base64url.decode"] := base64url.decode(input.base64)

r["concat"] := concat(input.t, input.texts)

r["contains"] := contains(input.s, input.t)

r["endswith"] := endswith(input.s, input.t)

r["startswith"] := startswith(input.s, input.t)

r["indexof"] := indexof(input.s, input.t)

r["lower"] := lower(input.s)

r["upper"] := upper(input.s)

# With nothing to look for, the native one never ends.
r["replace"] := replace(input.s, input.t, input.u) if input.t != ""

r["strings.replace_n"] := strings.replace_n({input.t: input.u}, input.s)

r["strings.reverse"] := strings.reverse(input.s)

r["split"] := split(input.s, input.t)

r["substring"] := substring(input.s, input.i, input.j)

r["trim"] := trim(input.s, input.t)

r["trim_left"] := trim_left(input.s, input.t)

r["trim_right"] := trim_right(input.s, input.t)

r["trim_prefix"] := trim_prefix(input.s, input.t)

r["trim_suffix"] := trim_suffix(input.s, input.t)

r["trim_space"] := trim_space(input.s)

r["format_int"] := format_int(input.i, 16)

r["glob.match"] := glob.match(input.glob, [], input.s)

r["glob.match slash"] := glob.match(input.glob, ["/"], input.path)

r["regex.match"] := regex.match(input.pattern, input.s)

r["regex.is_valid"] := regex.is_valid(input.pattern)

r["regex.find_all_string_submatch_n"] := regex.find_all_string_submatch_n(input.pattern, input.s, input.i)

r["json.marshal"] := json.marshal(input.x)

r["sort texts"] := sort(input.texts)

r["net.cidr_contains"] := net.cidr_contains(input.cidr, input.address)

r["net.cidr_intersects"] := net.cidr_intersects(input.cidr, input.cidr2)

r["template"] := $"{input.s} and {input.i}" if is_string(input.s)
