"""Why these groups, in words: what the search says of structure, reasons, curves and rivals."""

from automl.report.why import seen_one_way, why_view, words_of_method

EVIDENCE = {
    "kind": "dense", "rows_looked_at": 2000, "expected_agreement": 1.2, "stability": 0.93,
    "code_length": {"gain": 39.84, "passed": True}, "dip": {"p": 0.004}, "hopkins": {"mean": 0.91},
    "reasons": [{"evidence": "silhouette_to_best", "adds": 1}, {"evidence": "silhouette_rank", "adds": 1}, {"evidence": "dbcv", "adds": 1}],
    "curves": {
        "kmeans": [{"clusters": 2, "silhouette": 0.3, "bic": -5}, {"clusters": 3, "silhouette": 0.4, "bic": None}],
        "genie 0.3 1 p": [{"clusters": 2, "silhouette": 0.1}, {"clusters": 2, "silhouette": 0.2}, {"clusters": 4, "silhouette": 0.3}],
    },
    "finalists": [
        {"family": "hdbscan", "params": {"least": 1}, "chosen": True, "agreement": 1.0},
        {"family": "kmeans", "params": {"clusters": 3}, "kind": "compact", "clusters": 3, "expected_agreement": 0.6, "stability": 0.5, "agreement": 0.4, "chosen": False},
    ],
    "kinds": [{"family": "kmeans", "params": {"clusters": 3}, "kind": "compact", "clusters": 3, "agreement": 0.4}, {"family": "birch", "agreement": 1.0}],
}  # fmt: skip
EVALUATION = {"evidence": EVIDENCE, "n_clusters": 3, "family": "hdbscan", "n_rows": 5000}


def test_sentences_say_what_was_found_and_how_sure():
    text = " ".join(why_view(EVALUATION, {})["sentences"])
    assert "HDBSCAN looks for dense parts" in text and "they agree with these by 1.00" in text and "not a measurement" in text and "on 2,000 rows" in text
    assert (
        "tells the rows shorter" in text
        and "speaks against a single heap" in text
        and "0.004" in text
        and "0.91" in text
        and "next (silhouette); groups are dense" in text
        and "agree with it by 0.93" in text
    )


def test_an_index_has_a_chart_with_a_line_per_method():
    charts = {c["name"]: c for c in why_view(EVALUATION, {})["charts"]}
    assert set(charts) == {"silhouette"} and [entry["name"] for entry in charts["silhouette"]["chart"]["legend"]] == ["k-means", "Genie 0.3 1 on components"]
    assert charts["silhouette"]["chart"]["x_ticks"][0][1] == "2" and charts["silhouette"]["chart"]["table"]["rows"][2] == ["4", "–", "0.3"]


def test_rivals_stand_once_and_those_that_found_the_same_do_not():
    (rival,) = why_view(EVALUATION, {})["alternatives"]
    assert rival["family"] == "k-means" and rival["agreement"] == 0.4 and rival["n_clusters"] == 3


def test_little_evidence_makes_few_words():
    view = why_view({"evidence": {"structure": False, "why": "fewer than three rows differ"}, "n_clusters": 1, "family": "kmeans", "n_rows": 9}, {})
    assert view["sentences"] == ["Fewer than three rows differ."] and not view["charts"] and not view["alternatives"] and view["tree"] is None


def test_a_tree_is_drawn_where_there_is_one():
    assert (
        why_view(EVALUATION, {"tree": {"leaves": [0, 1, 2], "merges": [[0, 1, 1.0, 5], [2, 3, 2.0, 9]]}})["tree"]["table"]["rows"][0][1]
        == "group 0 and group 1"
    )


def test_reasons_are_told_in_words_and_those_of_the_rule_alone_are_not():
    evidence = {
        "reasons": [{"evidence": n, "adds": 1} for n in ("kmeans_in_many_columns", "least_validity", "dbcv_rank", "agreement_to_best", "all_apart_clusters")]
    }
    (text,) = why_view({**EVALUATION, "evidence": evidence}, {})["sentences"]
    assert (
        text == "What speaks for it against the next best: groups are dense and the space between them is thin (DBCV); other methods find much the same groups."
    )


def test_a_test_that_does_not_rule_out_one_heap_is_not_told_as_evidence_for_groups():
    (text,) = why_view({**EVALUATION, "evidence": {"dip": {"p": 0.17}}}, {})["sentences"]
    assert "does not rule out a single heap (p 0.17)" in text


def test_methods_are_called_by_their_words():
    assert words_of_method("agglomerative ward") == "agglomerative ward"


def scaling(name, odds, chosen, structure=True, logged=(), held=()):
    return {"name": name, "odds": odds, "chosen": chosen, "structure": structure, "logged": list(logged), "held": list(held)}


def told_of(*ways):
    return " ".join(why_view({**EVALUATION, "evidence": {"scalings": list(ways)}}, {})["sentences"])


def test_how_columns_were_scaled_is_told_where_it_was_more_than_usual():
    assert told_of(scaling("variance", 9.0, True)) == "" == told_of()
    held = told_of(scaling("variance", 9.0, True, held=["pay"]))
    assert "A few values of pay lie far beyond the others" in held
    plain, log = scaling("variance", 8.0, False), scaling("log", 17.0, True, logged=["pay", "age"])
    assert "go by the logarithm of pay and age" in told_of(plain, log) and "17.0 against 8.0 without" in told_of(plain, log)
    other = told_of(scaling("variance", 9.0, True), scaling("log", 7.0, False, structure=False, logged=["pay"]))
    assert "stand out more without a logarithm of pay" in other and "in one of the two ways only" in other
    untried = told_of(scaling("variance", 9.0, True), scaling("log", None, False, structure=None, logged=["pay"]))
    assert "The tails of pay are long" in untried and "not looked for" in untried and "only" not in untried
    assert told_of(scaling("log", 9.0, True, logged=["pay"]), scaling("variance", None, False, structure=None)) == (
        "Distances go by the logarithm of pay: long tails."
    )


def test_groups_that_one_scaling_shows_are_told_from_others():
    one, other = scaling("variance", 9.0, True), scaling("log", 7.0, False, structure=False, logged=["pay"])
    assert seen_one_way({"scalings": [one, other]}) and not seen_one_way({"scalings": [one]}) and not seen_one_way({})
    assert not seen_one_way({"scalings": [one, {**other, "structure": None}]}) and not seen_one_way({"scalings": [{**one, "structure": False}, other]})
