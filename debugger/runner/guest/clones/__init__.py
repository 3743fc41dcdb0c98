"""Stateful stand-ins for vendors that run beside the application under test.

Standard library and aiosmtpd only: this package is mounted alone inside the sandbox.
"""
