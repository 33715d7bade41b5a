package lib.unused

is_writer if "writer" in input.identity.roles
