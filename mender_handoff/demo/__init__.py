"""Everything `make demo` does around the product; no part of the product imports it."""
