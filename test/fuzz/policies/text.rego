# Text, by the host.
package fuzz.text

r["sprintf"] := sprintf(input.format, input.list)

r["sprintf %v"] := sprintf("%v|%s|%d|%x|%q|%T", [input.x, input.s, input.i, input.s, input.s, input.x])

r["sprintf numbers"] := sprintf("%v|%d|%g|%e|%.2f|%8.3f|%x|%o|%b|%c|%U", [
	input.n,
	input.n,
	input.n,
	input.n,
	input.n,
	input.n,
	input.i,
	input.i,
	input.i,
	input.i,
	input.i,
])

r["indexof_n"] := indexof_n(input.s, input.t)

r["strings.count"] := strings.count(input.s, input.t)

r["strings.split_n"] := strings.split_n(input.s, input.t, input.i)

r["strings.any_prefix_match"] := strings.any_prefix_match(input.texts, input.texts2)

r["strings.any_suffix_match"] := strings.any_suffix_match(input.s, input.texts2)

r["strings.render_template"] := strings.render_template(input.template, input.object)

r["regex.find_n"] := regex.find_n(input.pattern, input.s, input.i)

r["regex.replace"] := regex.replace(input.s, input.pattern, input.replacement)

r["regex.split"] := regex.split(input.pattern, input.s)

r["regex.template_match"] := regex.template_match(input.template, input.s, "{", "}")

r["regex.globs_match"] := regex.globs_match(input.glob, input.glob2)

r["glob.quote_meta"] := glob.quote_meta(input.s)

r["urlquery.encode"] := urlquery.encode(input.s)

r["urlquery.decode"] := urlquery.decode(input.query)

r["urlquery.encode_object"] := urlquery.encode_object(input.object)

r["urlquery.decode_object"] := urlquery.decode_object(input.query)

r["uri.parse"] := uri.parse(input.uri)

r["uri.is_valid"] := uri.is_valid(input.uri)

r["hex.encode"] := hex.encode(input.s)

r["hex.decode"] := hex.decode(input.hex)

r["base64url.encode_no_pad"] := base64url.encode_no_pad(input.s)

r["crypto.md5"] := crypto.md5(input.s)

r["crypto.sha1"] := crypto.sha1(input.s)

r["crypto.sha256"] := crypto.sha256(input.s)

r["crypto.hmac.md5"] := crypto.hmac.md5(input.s, input.t)

r["crypto.hmac.sha1"] := crypto.hmac.sha1(input.s, input.t)

r["crypto.hmac.sha256"] := crypto.hmac.sha256(input.s, input.t)

r["crypto.hmac.sha512"] := crypto.hmac.sha512(input.s, input.t)

r["crypto.hmac.equal"] := crypto.hmac.equal(input.hex, input.hex2)

r["semver.compare"] := semver.compare(input.version, input.version2)

r["semver.is_valid"] := semver.is_valid(input.version)

r["units.parse"] := units.parse(input.amount)

r["units.parse_bytes"] := units.parse_bytes(input.amount)

r["uuid.parse"] := uuid.parse(input.uuid)

r["uuid.rfc4122"] if uuid.rfc4122(input.s) == uuid.rfc4122(input.s)

r["trace"] := trace(input.s)
