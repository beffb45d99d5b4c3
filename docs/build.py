"""Writes what is generated from the declarations: docs/spec, docs/codes, schemas. Run by `make docs`; tests fail when stale."""

from pathlib import Path

from automl.families import FAMILIES
from automl.report.schema import report_schema
from automl.spec.codes import CODES
from automl.spec.explain import code_page, section_page, sections
from automl.spec.schema import spec_schema, text_of

ROOT = Path(__file__).resolve().parents[1]


def main() -> None:
    for folder, pages in (("spec", {s: section_page(s) for s in sections()}), ("codes", {c: code_page(c) for c in CODES})):
        place = ROOT / "docs" / folder
        place.mkdir(parents=True, exist_ok=True)
        for old in place.glob("*.md"):
            old.unlink()
        for name, text in pages.items():
            (place / f"{name}.md").write_text(text, encoding="utf-8")
    schema = ROOT / "schemas" / "spec.schema.json"
    schema.parent.mkdir(exist_ok=True)
    schema.write_text(text_of(spec_schema({task: FAMILIES.names(task) for task in FAMILIES.tasks()})), encoding="utf-8")
    (ROOT / "schemas" / "report.schema.json").write_text(text_of(report_schema()), encoding="utf-8")


if __name__ == "__main__":
    main()
