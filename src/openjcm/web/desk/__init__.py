"""The desk of the demonstration: pages on which holders, representatives and administrators do their acts.

Until people sign in, the desk exists for the demonstration world alone (see :mod:`openjcm.web.desk.switch`).
"""
