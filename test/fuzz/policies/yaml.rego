# YAML, by the host. Apart, because a text that is refused fails the whole result.
package fuzz.yaml

r["yaml.is_valid"] := yaml.is_valid(input.yaml)

r["yaml.unmarshal"] := yaml.unmarshal(input.yaml)

r["yaml.marshal"] := yaml.marshal(input.x)

r["yaml.marshal text"] := yaml.marshal(input.s)

r["yaml round trip"] := yaml.unmarshal(yaml.marshal(input.object))
