import pytest
from pydantic import ValidationError

from automl.spec.sections.report import FORMATS, Report


def test_all_formats_are_written_by_default_and_one_may_be_named_alone():
    assert Report().formats == list(FORMATS) == ["html", "md", "json"] and Report().theme == "auto" and Report().title is None
    assert Report.model_validate({"formats": "json"}).formats == ["json"]


@pytest.mark.parametrize(
    "bad", [{"formats": []}, {"formats": ["pdf"]}, {"formats": ["md", "md"]}, {"theme": "blue"}, {"title": " "}, {"title": "x" * 201}, {"titel": "x"}]
)
def test_what_cannot_be_written_is_refused(bad):
    with pytest.raises(ValidationError):
        Report.model_validate(bad)


def test_a_title_is_text_whatever_it_looks_like():
    assert Report.model_validate({"title": 2026}).title == "2026"
    assert Report.model_validate({"title": "<script>alert(1)</script>"}).title == "<script>alert(1)</script>"
