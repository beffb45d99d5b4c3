"""A single SELECT passes; everything that could write does not."""

import pytest

from automl.spec.query import why_not_select


@pytest.mark.parametrize(
    "query",
    [
        "select 1", "SELECT * FROM t;", "  ( select a from t ) ", "with x as (select 1) select * from x", "select 'delete; from' from t", "-- delete\nselect 1 -- ;",
        "/* a; */ select 1", 'select "update", `into`, last_update from t', "select $$ ; delete $$", "select 'it''s' from t;  \n", "select a[1]::text from t",
        "select a from t where b = 'x' -- it's",
    ],
)  # fmt: skip
def test_a_select_passes(query):
    assert why_not_select(query) == ""


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("delete from t", "begins with `delete`"), ("", "empty"), (";", "empty"), ("-- select", "empty"), ("select 1; select 2", "more than one"),
        ("select 1; drop table t", "more than one"), ("with x as (DELETE from t returning *) select * from x", "`DELETE`"), ("select * into u from t", "`into`"),
        ("select 1 /*! into outfile 'x' */", "comment"), ("select 'a", "not closed"), ("select 1 /* ", "comment"), ("drop table t", "`drop`"), ("pragma x", "`pragma`"),
        ("insert into t values (1)", "`insert`"), ("select * from t for update", "`update`"), ("explain select 1", "`explain`"),
    ],
)  # fmt: skip
def test_anything_else_does_not(query, words):
    assert words in why_not_select(query)
