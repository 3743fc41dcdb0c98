"""Long work of Guard and Mender: checks, and the stages from analysis to re-validation."""
