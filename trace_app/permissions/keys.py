"""An API key as an actor: one team, a few scopes, never a person's rights to promote or settle."""

from dataclasses import dataclass, field

from trace_app.domain.roles import Right
from trace_app.domain.system import System
from trace_app.models import ApiKey

_RIGHTS = {
    "read": frozenset({Right.VIEW}),
    "operate": frozenset({Right.VIEW, Right.OPERATE}),
}


@dataclass(frozen=True, slots=True)
class KeyPrincipal(System):
    """`request.user` of a call with a bearer key; actions record it by the key's name."""

    key: ApiKey = field(compare=False)
    is_authenticated: bool = True
    is_anonymous: bool = False
    is_active: bool = True
    pk: None = None

    @classmethod
    def of(cls, key: ApiKey) -> "KeyPrincipal":
        """The actor for a key."""
        return cls(name=f"key {key.name}"[:80], key=key)

    def holds(self, right: Right) -> bool:
        """Whether one of the key's scopes carries the right on its team."""
        return any(right in _RIGHTS.get(scope, ()) for scope in self.key.scopes)

    @property
    def may_ingest(self) -> bool:
        """Whether the key may send traces."""
        return "ingest" in self.key.scopes
