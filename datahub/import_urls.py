"""Addresses of files that come in and go out."""

from django.urls import path

from datahub.views import exports, imports

urlpatterns = [
    path("imports/", imports.imports, name="imports"),
    path("imports/<int:import_id>/", imports.file_import, name="import"),
    path("imports/<int:import_id>/choose/", imports.choose, name="import_choose"),
    path("imports/<int:import_id>/wrong/", exports.wrong_rows, name="import_wrong"),
    *(
        path(f"imports/<int:import_id>/{what}/", imports.order, {"what": what}, name=f"import_{what}")
        for what in ("pause", "resume", "stop", "undo")
    ),
    path("tables/<int:dataset_id>/export/", exports.records, name="export_records"),
    path("customers/export/", exports.customers, name="export_customers"),
]
