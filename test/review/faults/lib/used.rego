package lib.used

is_reader if "reader" in input.identity.roles
