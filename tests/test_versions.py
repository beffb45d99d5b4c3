from automl.versions import engine_version, package_version


def test_what_is_there_and_what_is_not():
    assert package_version("numpy") and package_version("xgboost") and package_version("no-such-package") == ""
    assert engine_version()[0].isdigit()
