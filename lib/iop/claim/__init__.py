"""Signed objects, processes, witness statements and presentations."""
