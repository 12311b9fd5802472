"""Signed objects, processes, witness statements and presentations.

- documents: shape signed statement process presentation license scenario exchange jwt kind
- judgement: check verdict validation facts parties
- what they stand on: schema pattern moment normal
"""
