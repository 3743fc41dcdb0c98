"""The bundled Guard and Mender: the other side of the HTTP contract, with tables of its own."""
