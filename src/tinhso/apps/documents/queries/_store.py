"""What operators and jobs ask of the store."""

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.db.models import Count

from tinhso.apps.documents import rules
from tinhso.apps.documents.enums import ScanState
from tinhso.apps.documents.models import Content, Preview, StoredFile, UploadPart
from tinhso.apps.documents.providers import staging
from tinhso.apps.documents.queries._files import files_folder, open_content


def chosen_store() -> str:
    """The store where new content goes."""
    return str(settings.FILES["store"])


def contents_to(work: str, *, after: int = 0, limit: int = 200) -> list[int]:
    """Contents that wait for an operator's work, in order: "seal", "move" or "scan"."""
    found = Content.objects.filter(shredded_at__isnull=True, pk__gt=after)
    if work == "seal":
        found = found.filter(key_id="")
    elif work == "move":
        found = found.exclude(store=chosen_store())
    else:
        found = found.filter(scan__in=[ScanState.NOT_SCANNED, ScanState.PENDING, ScanState.UNSCANNABLE])
    return list(found.order_by("pk").values_list("pk", flat=True)[:limit])


def blob_of(content_id: int) -> tuple[str, str]:
    """Where a content lies: store and name."""
    store, blob = Content.objects.values_list("store", "blob").get(pk=content_id)
    return store, blob


def keys_in_use() -> dict[str, int]:
    """How many data keys each key-encryption key seals; "" are contents from before files were sealed."""
    found: dict[str, int] = {}
    for model in (Content, Preview, UploadPart):
        rows = model.objects.exclude(blob="").values_list("key_id").annotate(count=Count("pk"))
        for key_id, count in rows.order_by("key_id"):
            found[key_id] = found.get(key_id, 0) + count
    return found


def known_blobs(names: list[str], *, place: str) -> set[str]:
    """Those of these names that a row knows."""
    known: set[str] = set()
    for model in (Content, Preview, UploadPart):
        known |= set(model.objects.filter(store=place, blob__in=names).values_list("blob", flat=True))
    return known


def content_of(content_id: int) -> Content:
    """The row of a content, for this app."""
    return Content.objects.get(pk=content_id)


def is_held(content: Content) -> bool:
    """Whether a content stays closed for now."""
    return rules.is_held(content.scan, policy=settings.FILES["scan_policy"])


def media_type_of(content: Content) -> str:
    """What a content is, as its files say."""
    return str(StoredFile.objects.filter(content=content).order_by("pk").values_list("media_type", flat=True)[0])


@contextmanager
def sealed_copy(content: Content) -> Iterator[tuple[Path, bytes]]:
    """A sealed file of this machine with the content, and the key that opens it, for the helper process.

    Raises:
        OSError: the store or the key is out of reach.
    """
    with (
        open_content(content) as plain,
        staging.take_in(files_folder(), plain, limit=content.size, head_bytes=0) as copy,
    ):
        yield copy.path, copy.key


def check_contents() -> tuple[int, list[str]]:
    """Open every content that is kept and take its digest: how many there are, and which are missing or changed."""
    count, broken = 0, []
    for content in Content.objects.filter(shredded_at__isnull=True).exclude(blob="").order_by("pk").iterator():
        count += 1
        digest = hashlib.sha256()
        try:
            with open_content(content) as stream:
                while portion := stream.read(1 << 20):
                    digest.update(portion)
        except OSError as error:
            broken.append(f"{content.blob}: {error}")
            continue
        if digest.hexdigest() != content.sha256:
            broken.append(f"{content.blob}: digest differs")
    return count, broken
