"""A client of the protocol that shares no code with this package: the standard library alone, written from the specification.

It is driven in band: one-way messages with id 20 say what it has to do, and it reports with id 21.
"""
