"""What a procedure says of the size of files holds whichever way a file comes."""

import pytest

from tests.factories import files
from tests.factories.cases import SUBMITTED_AT, CaseMaker
from tinhso.apps.audit.models import Entry
from tinhso.apps.cases.data import (
    DocumentInput,
)
from tinhso.apps.cases.models import Case, CaseDocument
from tinhso.apps.documents.actions import store_file
from tinhso.apps.procedures.data import Package, UploadLimits
from tinhso.kernel.errors import Invalid


def paths(error: Invalid) -> list[str]:
    return [problem.path for problem in error.errors]


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (UploadLimits(most_pages=2), "có 3 trang, thủ tục này nhận tối đa 2 trang"),
        (UploadLimits(most_mb=1), "nặng 1 MB"),
    ],
)
def test_the_procedures_limits_hold_however_a_file_came(
    maker: CaseMaker, monkeypatch: pytest.MonkeyPatch, limits: UploadLimits, said: str
) -> None:
    monkeypatch.setattr(UploadLimits, "most_bytes", property(lambda self: 500 if self.most_mb else None))
    monkeypatch.setattr(Package, "upload_limits", lambda self, key="": limits)
    sent = files.pdf(pages=3)
    file_id = store_file(content=sent, name="don.pdf", actor=maker.person, at=SUBMITTED_AT).id
    given = [DocumentInput(key="declaration", presence="uploaded", file_id=file_id)]
    before = Entry.objects.count()
    with pytest.raises(Invalid) as refused:
        maker.submitted(documents=given)
    assert said.replace("1 MB", "1 KB") in refused.value.message
    assert paths(refused.value) == ["documents.declaration"]
    assert (Case.objects.count(), CaseDocument.objects.count(), Entry.objects.count()) == (0, 0, before)
