# METADATA
# custom:
#   hosts: [always.example.com]
package always

allow := true
