from automl.report.ladder import ladder_notes


def _notes(study=None, **rung):
    chosen = {"chosen": True, "remark": "", "model_bytes": 500, "library_ratio": None, "judged_drop": 0.0} | rung
    return ladder_notes({"precision_ladder": [chosen], "library_bytes": 2000}, study or {})


def test_the_notes_say_what_the_numbers_do_not():
    assert len(_notes()) == 1 and "25.0%" in _notes()[0]
    assert any("stays at float32" in n for n in _notes(judged_drop=None))
    assert any("1.50 times" in n for n in _notes(library_ratio=1.5))
    assert any("a few kB at most" in n for n in _notes(remark="the numbers fill 12 B"))
    assert "nothing narrower" in _notes({"no_scheme": "nothing narrower"})[0]


def test_where_there_is_a_gpu_its_own_rungs_are_said_to_be_unmeasured():
    assert "bfloat16 and fp8, are unmeasured" in _notes({"hardware": {"accelerators": [{"name": "a", "memory_mb": 1}]}})[-1]
    assert not any("unmeasured" in n for n in _notes({"hardware": {"accelerators": []}}))
