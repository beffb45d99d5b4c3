import webbrowser

import pytest

from automl.cli.opened import open_page


def test_a_page_is_opened_by_its_address(tmp_path, monkeypatch):
    seen = []
    monkeypatch.setattr(webbrowser, "open", lambda address: seen.append(address) or True)
    open_page(tmp_path / "a page.html")
    assert seen == [(tmp_path / "a page.html").as_uri()]


@pytest.mark.parametrize("fault", [False, webbrowser.Error("none")])
def test_without_a_browser_the_path_is_told(tmp_path, monkeypatch, capsys, fault):
    def act(address):
        if fault:
            raise fault
        return False

    monkeypatch.setattr(webbrowser, "open", act)
    open_page(tmp_path / "report.html")
    assert "there is no browser here" in capsys.readouterr().err
