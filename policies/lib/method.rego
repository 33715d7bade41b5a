# METADATA
# title: What kind of call it is
# description: Methods that only read (RFC 9110 section 9.2.1); every other one counts as a change.
package lib.method

default reads := false

reads if input.request.method in {"GET", "HEAD", "OPTIONS"}
