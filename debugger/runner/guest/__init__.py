"""What runs inside the sandbox.

Player, recorder, clones. It imports the standard library, Playwright and aiosmtpd, and nothing of
ours: it is mounted alone, read-only, and never sees settings or keys.
"""
