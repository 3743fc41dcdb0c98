"""Rows of the bundled Guard change here and nowhere else."""
