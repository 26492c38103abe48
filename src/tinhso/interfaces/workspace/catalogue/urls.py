"""Addresses of the catalogue's administration."""

from django.urls import path

from tinhso.interfaces.workspace.catalogue import imports, synonyms, views

app_name = "catalogue"

urlpatterns = [
    path("", views.home, name="home"),
    path("thu-tuc/<str:code>", views.versions, name="versions"),
    path("thu-tuc/<str:code>/bpmn", views.bpmn, name="bpmn"),
    path("nhap", imports.upload, name="upload"),
    path("nhap/<int:import_id>", imports.detail, name="import"),
    path("nhap/<int:import_id>/tien-do", imports.progress, name="progress"),
    path("nhap/<int:import_id>/duyet", imports.approve, name="approve"),
    path("nhap/<int:import_id>/cong-bo", imports.publish, name="publish"),
    path("nhap/<int:import_id>/bo", imports.discard, name="discard"),
    path("tu-ngu", synonyms.edit, name="synonyms"),
]
