"""How drf-spectacular describes our bearer keys."""

from drf_spectacular.extensions import OpenApiAuthenticationExtension


class ApiKeyScheme(OpenApiAuthenticationExtension):  # type: ignore[no-untyped-call]
    """The bearer scheme in /v1/openapi.json."""

    target_class = "trace_app.api.authentication.ApiKeyAuthentication"
    name = "apiKey"

    def get_security_definition(self, auto_schema: object) -> dict[str, str]:
        """Bearer, with the form of our keys."""
        return {"type": "http", "scheme": "bearer", "bearerFormat": "trc_…"}
