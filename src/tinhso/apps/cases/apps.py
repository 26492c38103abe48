from django.apps import AppConfig


class CasesConfig(AppConfig):
    name = "tinhso.apps.cases"
    label = "cases"
    verbose_name = "Hồ sơ thủ tục hành chính"

    def ready(self) -> None:
        """Tell documents which handed-in files cases still need."""
        from tinhso.apps.cases.queries import files_of_open_cases
        from tinhso.apps.documents.queries import answer_for

        answer_for(files_of_open_cases, tables=["cases.CaseDocument", "cases.Scan", "cases.ScanSource"])
