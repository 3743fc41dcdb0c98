"""WHY: chat that cites events, and Layer 2 replay. It may import trace_app."""
