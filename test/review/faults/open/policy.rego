# METADATA
# custom:
#   hosts: [open.example.com]
package open

import data.lib.used

default allow := true

deny contains "no reader" if not used.is_reader
