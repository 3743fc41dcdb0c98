"""What the product is shown on: a shop, its history, and the regressions in it."""
