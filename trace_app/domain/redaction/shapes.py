"""The shapes of secrets in free text, and the cheap pattern that must hit before each is tried."""

from typing import Final

from trace_app.domain.redaction.patterns import over_bytes
from trace_app.domain.redaction.rules import BuiltIn

_KNOWN: Final = (
    r"(?:sk|rk|pk)_(?:test|live)_[A-Za-z0-9_]{8,}",
    r"whsec_[A-Za-z0-9+/=_-]{8,}",
    r"trc_[A-Za-z0-9_-]{20,}",
    r"gh[opsur]_[A-Za-z0-9]{20,}",
    r"github_pat_[A-Za-z0-9_]{20,}",
    r"glpat-[A-Za-z0-9_-]{16,}",
    r"xox[abeprs]-[A-Za-z0-9-]{10,}",
    r"(?:AKIA|ASIA)[0-9A-Z]{16}",
    r"AIza[0-9A-Za-z_-]{35}",
    r"ya29\.[0-9A-Za-z_-]{20,}",
    r"npm_[A-Za-z0-9]{36}",
    r"pypi-AgE[A-Za-z0-9_-]{20,}",
    r"hf_[A-Za-z0-9]{30,}",
    r"sk-(?:proj-|ant-)[A-Za-z0-9_-]{20,}",
    r"SG\.[A-Za-z0-9_-]{16,}\.[A-Za-z0-9_-]{16,}",
    r"shp(?:at|ca|pa|ss)_[a-fA-F0-9]{32}",
    r"eyJ[A-Za-z0-9_-]{8,}\.eyJ[A-Za-z0-9_-]{8,}\.[A-Za-z0-9_-]{8,}",
)
# Group 1 is the secret. "the Bearer authentication scheme" has no digit: text.py asks for one.
TOKEN: Final = over_bytes(rf"(?:^|[^A-Za-z0-9_])({'|'.join(_KNOWN)})")
BEARER: Final = over_bytes(r"(?:^|[^A-Za-z0-9_])(?:B|b)earer +([A-Za-z0-9._~+/-]{8,}=*)")
PRIVATE_KEY: Final = over_bytes(
    r"(-----BEGIN [A-Z ]*PRIVATE KEY-----[A-Za-z0-9+/=\s\\nr,:-]+?-----END [A-Z ]*PRIVATE KEY-----)"
)
CARD: Final = over_bytes(r"[2-6][0-9](?:[ -]?[0-9]){11,30}")
URL: Final = over_bytes(r"[A-Za-z][A-Za-z0-9+.-]*://[^\s/:@\"'<>\\]*:([^\s/@\"'<>\\]+)@")
TAG: Final = over_bytes(r"(?i)<(?:input|meta)\b[^<>]{1,1000}>")
ATTRIBUTE: Final = over_bytes(r"(?i)([a-z-]+)\s*=\s*\\?[\"']([^\"'<>\\]*)\\?[\"']")
# fill field "Password" with "…", as a scenario's step says it.
TYPED: Final = over_bytes(
    r'(?i)\b(?:fill|type)\b[^\n"]*"[^"\n]*(?:password|passwd|passcode|passphrase|pwd|[#.]pw)\b'
    r'[^"\n]*"[^\n"]*\bwith "([^"\n]+)"'
)
# A password field of a recorded page, where the page is nested too deep to be walked.
FIELD: Final = over_bytes(r'\{[^{}]*"type":"password"[^{}]*\}')
FIELD_VALUE: Final = over_bytes(r'"(?:value|__playwright_value_)":"((?:[^"\\]|\\.)+)"')
HEADER: Final = r"(?i)(?:^|[\s\"'>])({names}):[ \t]*([^\r\n\"'\\]+)"

# Where a word may begin in a line of JSON: the letter of an escape (\n) is no part of it.
BORDER: Final = r"(?:^|[^A-Za-z0-9]|\\(?:[bfnrt]|u[0-9A-Fa-f]{4}))"

SCREENS: Final = {
    BuiltIn.TOKEN: r"[spr]k_(?:test|live)_|whsec_|trc_|gh[opsur]_|github_pat_|glpat-|xox[abeprs]-"
    r"|A[KS]IA[0-9A-Z]{16}|AIza[0-9A-Za-z_-]{35}|ya29\.|npm_[A-Za-z0-9]{30}|pypi-AgE|hf_"
    r"|sk-(?:proj|ant)-|SG\.[A-Za-z0-9_-]{16}|shp(?:at|ca|pa|ss)_|eyJ[A-Za-z0-9_-]{8}"
    r"|[Bb]earer [A-Za-z0-9._~+/-]{8}|PRIVATE KEY",
    # The borders and lengths that text.py asks for: digits amid a hash are no card.
    BuiltIn.CARD: r"(?:^|[^A-Za-z0-9_./-]|\\(?:[bfnrt]|u[0-9A-Fa-f]{4}))"
    r"[2-6][0-9](?:[ -]?[0-9]){11,17}(?:[^A-Za-z0-9_-]|$)",
    BuiltIn.PASSWORD: r"(?i:password|passwd|passcode|passphrase|pwd|[#.]pw\b)",
    BuiltIn.URL: r"://[^\s/:@\"'<>\\]*:[^\s/@\"'<>\\]+@",
}
