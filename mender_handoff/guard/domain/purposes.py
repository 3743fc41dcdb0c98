"""What each of Guard's stored secrets is for: separates their encryption keys."""

API_TOKEN = "guard api token"
PUSH_TOKEN = "guard push token"
TRACE_KEY = "guard trace key"
WEBHOOK_SECRET = "guard webhook secret"
