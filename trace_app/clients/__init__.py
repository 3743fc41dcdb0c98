"""One module or package per outside system, with its own errors and typed replies."""
