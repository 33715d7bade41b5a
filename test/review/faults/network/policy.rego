# METADATA
# custom:
#   hosts: [network.example.com]
package network

default allow := false

allow if http.send({"method": "GET", "url": "http://10.0.0.1"}).status_code == 200
