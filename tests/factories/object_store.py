"""A real server of the S3 wire format in a process of its own."""

import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from typing import Any

import pytest


class ObjectStore:
    """The running server, and the bucket of the present test."""

    def __init__(self, url: str) -> None:
        import boto3

        self.url, self._number = url, 0
        self.bucket = ""
        self.client: Any = boto3.session.Session().client(
            "s3", endpoint_url=url, region_name="us-east-1", aws_access_key_id="key", aws_secret_access_key="word"
        )

    def new_bucket(self) -> dict[str, str]:
        """An empty bucket, as settings."""
        self._number += 1
        self.bucket = f"kho-{self._number}"
        self.client.create_bucket(Bucket=self.bucket)
        return {
            "bucket": self.bucket, "url": self.url, "region": "", "key_id": "key", "secret": "word", "prefix": "tinhso/",
        }  # fmt: skip

    def objects(self) -> dict[str, bytes]:
        """What lies in the bucket."""
        listed = self.client.list_objects_v2(Bucket=self.bucket).get("Contents", [])
        return {o["Key"]: self.client.get_object(Bucket=self.bucket, Key=o["Key"])["Body"].read() for o in listed}

    def tag_of_the_only_object(self) -> str:
        """Its ETag, which tells the number of parts after a dash."""
        (found,) = self.client.list_objects_v2(Bucket=self.bucket)["Contents"]
        return str(found["ETag"].strip('"'))

    def put(self, name: str) -> None:
        """An object of nobody's."""
        self.client.put_object(Bucket=self.bucket, Key=name, Body=b"x")


def object_store() -> Iterator[ObjectStore]:
    """Start one, wait for it, stop it."""
    pytest.importorskip("moto.server", reason="moto is not installed")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(f"http://127.0.0.1:{port}/moto-api/", server)
        yield ObjectStore(f"http://127.0.0.1:{port}")
    finally:
        server.terminate()
        server.wait()


def _wait_for(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert server.poll() is None, "the object store did not start"
        try:
            with urllib.request.urlopen(url, timeout=1):  # noqa: S310 - our own address
                return
        except OSError:
            time.sleep(0.05)
    raise AssertionError("the object store does not answer")
