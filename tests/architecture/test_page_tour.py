"""What may be excused from the tour of pages: only what draws none."""

from tests.architecture.page_tour import NO_PAGES, draws_a_page
from tests.architecture.test_routes import routes


def test_only_routes_that_draw_no_page_are_excused() -> None:
    assert NO_PAGES.keys() <= {route.path for route in routes()}
    assert [path for path in NO_PAGES if draws_a_page(path)] == []


def test_a_view_that_draws_is_known_by_its_source() -> None:
    """Of each way to draw one: by the `page` of an interface, by the name of a template."""
    for path in ("can-bo/bien-lai/<int:receipt_id>", "thong-bao/thoi-nhan/<str:token>", "can-bo/ban-giao/de-nghi"):
        assert draws_a_page(path)
    for fragment in ("tim/goi-y", "can-bo/ky-duyet/dang-ky", "can-bo/danh-muc/nhap/<int:import_id>/tien-do"):
        assert not draws_a_page(fragment)
