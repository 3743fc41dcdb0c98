"""FIX: promotion, attempts, Mender, Guard and the forge. It may import debugger and trace_app."""
