"""Blobs in any store that speaks S3 (MinIO, Ceph, SeaweedFS, a public cloud): sealed before they leave this machine."""

import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from tinhso.kernel.crash import crash

_PART = 8 * 1_048_576  # several parts above this; each is tried again by itself
_local = threading.local()


@dataclass(frozen=True, slots=True)
class S3Options:
    """How the store is reached. An empty `url` is the cloud's own address of the region."""

    bucket: str
    url: str = ""
    region: str = ""
    key_id: str = ""
    secret: str = ""
    prefix: str = ""


class S3Blob:
    """One object; each reading is a ranged request."""

    def __init__(self, storage: "S3Storage", name: str, size: int) -> None:
        self._storage, self._name, self.size = storage, name, size

    def read_at(self, offset: int, length: int) -> bytes:
        if offset >= self.size:
            return b""
        end = min(offset + length, self.size) - 1
        with _told():
            answer = self._storage.client.get_object(
                Bucket=self._storage.options.bucket, Key=self._storage.key(self._name), Range=f"bytes={offset}-{end}"
            )
            return bytes(answer["Body"].read())

    def close(self) -> None:
        """Nothing is held open between two requests."""


class S3Storage:
    """A bucket, and in it a prefix."""

    def __init__(self, options: S3Options) -> None:
        self.options = options

    @property
    def client(self) -> Any:
        """A client of this thread; making one takes a while."""
        known: dict[S3Options, Any] = _local.__dict__.setdefault("clients", {})
        if self.options not in known:
            known[self.options] = _new_client(self.options)
        return known[self.options]

    def key(self, name: str) -> str:
        """The object's key."""
        return f"{self.options.prefix}{name}"

    def keep(self, name: str, source: Path) -> None:
        from boto3.s3.transfer import TransferConfig

        config = TransferConfig(multipart_threshold=_PART, multipart_chunksize=_PART, max_concurrency=2)
        with _told():
            self.client.upload_file(str(source), self.options.bucket, self.key(name), Config=config)
            # An object store answers before every copy is there only if it is set up wrongly; what is there is asked for.
            found = self.client.head_object(Bucket=self.options.bucket, Key=self.key(name))
        if found["ContentLength"] != source.stat().st_size:
            raise OSError(f"{name}: the store holds {found['ContentLength']} bytes")
        crash("store_file:after_rename")

    def open(self, name: str) -> S3Blob:
        with _told():
            found = self.client.head_object(Bucket=self.options.bucket, Key=self.key(name))
        return S3Blob(self, name, found["ContentLength"])

    def delete(self, name: str) -> None:
        with _told():
            self.client.delete_object(Bucket=self.options.bucket, Key=self.key(name))

    def names(self) -> Iterator[tuple[str, datetime]]:
        with _told():
            pages = self.client.get_paginator("list_objects_v2").paginate(
                Bucket=self.options.bucket, Prefix=self.options.prefix
            )
            for page in pages:
                for found in page.get("Contents", []):
                    yield found["Key"].removeprefix(self.options.prefix), found["LastModified"]


class _told:  # noqa: N801 - reads as a block
    """Turns what the library raises into the errors of a file."""

    def __enter__(self) -> None:
        pass

    def __exit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if error is None or isinstance(error, OSError):
            return
        from boto3.exceptions import Boto3Error
        from botocore.exceptions import BotoCoreError, ClientError

        if isinstance(error, ClientError) and error.response.get("Error", {}).get("Code") in {"404", "NoSuchKey"}:
            raise FileNotFoundError(str(error)) from error
        if isinstance(error, ClientError | BotoCoreError | Boto3Error):
            raise OSError(f"the object store: {error}") from error


def _new_client(options: S3Options) -> Any:
    import boto3
    from botocore.config import Config

    config = Config(
        connect_timeout=5, read_timeout=30, retries={"max_attempts": 4, "mode": "standard"},
        # Stores that are not the cloud's own know neither its newer checksums nor its host-name buckets.
        request_checksum_calculation="when_required", response_checksum_validation="when_required",
        s3={"addressing_style": "path"} if options.url else {},
    )  # fmt: skip
    return boto3.session.Session().client(
        "s3", endpoint_url=options.url or None, region_name=options.region or "us-east-1",
        aws_access_key_id=options.key_id or None, aws_secret_access_key=options.secret or None, config=config,
    )  # fmt: skip
