"""The platform's own paper about a payment: one plain page."""

from tinhso.simulators.payment.state import Deal


def paper_of(deal: Deal) -> bytes:
    """A PDF of one page that names the payment; the platform writes without marks."""
    rows = [
        "CHUNG TU THANH TOAN (gia lap)", f"Ma tham chieu: {deal.reference}", f"Ma giao dich: {deal.number}",
        f"So tien: {deal.amount} VND", f"Thoi gian: {deal.paid_at:%d/%m/%Y %H:%M:%S}" if deal.paid_at else "",
    ]  # fmt: skip
    plain = [row.encode("ascii", "replace").decode().translate(str.maketrans("()\\", "[]/")) for row in rows]
    words = "BT /F1 14 Tf 60 780 Td 22 TL " + " ".join(f"({row}) Tj T*" for row in plain) + " ET"
    objects = [
        "<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[3 0 R]/Count 1>>",
        "<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        f"<</Length {len(words)}>>\nstream\n{words}\nendstream", "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]  # fmt: skip
    body, places = "%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj\n{content}\nendobj\n"
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    end = f"trailer\n<</Size {len(objects) + 1}/Root 1 0 R>>\nstartxref\n{len(body)}\n%%EOF\n"
    return f"{body}xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}{end}".encode("ascii")
