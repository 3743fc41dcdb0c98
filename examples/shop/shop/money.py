"""Money is in cents everywhere; this is how it is shown."""


def dollars(cents):
    return f"${cents / 100:.2f}"
