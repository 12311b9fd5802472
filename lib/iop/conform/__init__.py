"""Conformance: runs vector files against this installation.

`suite` recognises a file and runs it, `catalogue` names each file's runner, `deviations` lists what differs on purpose; the other
modules are the runners, by area.
"""
