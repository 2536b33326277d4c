#!/usr/bin/env python3
"""A client of the protocol that shares no code with this package, with faults and oddities to switch on.

Its parts are in the folder `independent_client` beside this file. Without --fault it is right; it needs nothing but Python.
"""
from independent_client.client import main

if __name__ == "__main__":
    main()
