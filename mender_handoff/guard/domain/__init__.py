"""Pure rules of Guard and Mender: stages, proof, texts. No Django, no I/O."""
