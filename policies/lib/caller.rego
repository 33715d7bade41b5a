# METADATA
# title: Who is calling
# description: Every rule here is false or empty for an anonymous caller, whose input has no identity.
package lib.caller

default identified := false

identified if input.identity.subject != ""

roles contains role if some role in input.identity.roles

scopes contains scope if some scope in input.identity.scopes

default has_role(_) := false

has_role(role) if role in roles

default has_scope(_) := false

has_scope(scope) if scope in scopes
