"""The S3 backend of blobs and capsules: django-storages', but a read fetches the range it needs.

django-storages copies the whole object to disk on the first read; a picture out of a stored zip
of a gigabyte would cost the gigabyte.
"""

import io
from typing import Any, Final, override

from botocore.config import Config
from botocore.exceptions import ClientError
from storages.backends.s3 import S3Storage

from trace_app.domain.by_position import ByPosition

# A zip's member begins with small reads of its header: one request serves them all.
_BUFFER: Final = 256 * 1024


class RangedS3Storage(S3Storage):  # type: ignore[misc]  # django-storages has no types
    """S3 with reads by range.

    The newer checksums are sent only where S3 requires them: other makers' servers refuse them.
    """

    def __init__(self, **options: Any) -> None:
        options.setdefault(
            "client_config",
            Config(
                signature_version="s3v4",
                s3={"addressing_style": options.get("addressing_style") or "auto"},
                request_checksum_calculation="when_required",
                response_checksum_validation="when_required",
                retries={"mode": "standard", "max_attempts": 4},
            ),
        )
        super().__init__(**options)

    @override
    def _open(self, name: str, mode: str = "rb") -> Any:
        if "w" in mode:
            return super()._open(name, mode)
        client, key = self.connection.meta.client, self._normalize_name(name)
        try:
            size = client.head_object(Bucket=self.bucket_name, Key=key)["ContentLength"]
        except ClientError as error:
            if error.response["ResponseMetadata"]["HTTPStatusCode"] == 404:
                raise FileNotFoundError(f"{name} is not kept") from error
            raise
        return io.BufferedReader(_Object(client, self.bucket_name, key, size), _BUFFER)


class _Object(ByPosition):
    """An object as a seekable file; every read is one request for one range."""

    def __init__(self, client: Any, bucket: str, key: str, size: int) -> None:
        super().__init__(size)
        self._client, self._bucket, self._key = client, bucket, key

    @override
    def fetch(self, begin: int, end: int) -> bytes:
        answer = self._client.get_object(
            Bucket=self._bucket, Key=self._key, Range=f"bytes={begin}-{end - 1}"
        )
        content: bytes = answer["Body"].read()
        return content
