# Apart, because a number that is none in JSON spoils a whole result.
package fuzz.native_number

r["to_number"] := to_number(input.number)
