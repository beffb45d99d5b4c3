"""One case per check: a table that triggers it, one that does not, and what its fix must change."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from automl.data.dataset import Dataset
from automl.eda.act import Treated

Frame = pd.DataFrame
N = 400


def plain(n: int = N, seed: int = 0) -> Frame:
    """Return a table that no check has a word about: two numbers, one category, a target that they tell in part."""
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=n).round(3), rng.normal(size=n).round(3)
    c = rng.choice(["red", "green", "blue"], n)
    y = np.where(a + 0.5 * b + (c == "red") + rng.normal(0, 1.2, n) > 0.3, "yes", "no")
    return Frame({"a": a, "b": b, "c": c, "y": y})


@dataclass(frozen=True)
class Case:
    """`fires` and `quiet` make tables (quiet: the plain one); `acted` says of the treated data whether the fix was carried out."""

    check: str
    fires: Callable[[], Frame]
    mode: str
    column: str | None
    acted: Callable[[Treated, Dataset], bool] | None = None
    quiet: Callable[[], Frame] = plain
    test: Callable[[], Frame] | None = None
    quiet_test: Callable[[], Frame] | None = None
    spec: dict[str, Any] = field(default_factory=dict)
    target: str = "y"


def _with(**columns: Any) -> Callable[[], Frame]:
    def make() -> Frame:
        frame = plain()
        rng = np.random.default_rng(1)
        for name, value in columns.items():
            frame[name] = value(frame, rng) if callable(value) else value
        return frame[[*(c for c in frame.columns if c != "y"), "y"]]

    return make


def _gone(*names: str) -> Callable[[Treated, Dataset], bool]:
    return lambda treated, before: not {f.name for f in treated.dataset.fields} & set(names)


def _empty_now(name: str, expected: int) -> Callable[[Treated, Dataset], bool]:
    def check(treated: Treated, before: Dataset) -> bool:
        column = treated.dataset.table.columns[name]
        missing = column.values < 0 if column.kind == "coded" else np.isnan(column.values)
        return int(missing.sum()) == expected

    return check


def _leak(frame: Frame, rng: np.random.Generator) -> np.ndarray:
    return np.where(frame.y == "yes", 5.0, 1.0) + rng.normal(0, 0.1, len(frame)).round(3)


def _sentinel(frame: Frame, rng: np.random.Generator) -> np.ndarray:
    values = rng.normal(50, 3, len(frame)).round(2)
    values[:40] = -999
    return values


def _variants(frame: Frame, rng: np.random.Generator) -> np.ndarray:
    return rng.choice(["Paris", "paris ", "PARIS", "Rome", "Oslo"], len(frame), p=[0.4, 0.1, 0.1, 0.2, 0.2])


def _mixed(frame: Frame, rng: np.random.Generator) -> list[str]:
    values = [str(round(v, 2)) for v in rng.normal(10, 3, len(frame))]
    values[:8] = ["see note"] * 8
    return values


def _long_tail() -> Frame:
    """Return two numbers whose sum tells the class, one of them only by its rank."""
    frame = plain(1200)
    rng = np.random.default_rng(7)
    y = np.where(frame.a + frame.b + rng.normal(0, 0.3, len(frame)) > 0, "yes", "no")
    return frame.assign(tail=np.exp(2.5 * frame.a).round(6), y=y).drop(columns="a")


def _many_levels(frame: Frame, rng: np.random.Generator) -> list[str]:
    strength = rng.normal(size=80)
    level = rng.integers(0, 80, len(frame))
    frame["y"] = np.where(strength[level] + rng.normal(0, 0.5, len(frame)) > 0, "yes", "no")
    return [f"city{i}" for i in level]


def _texts(frame: Frame, rng: np.random.Generator) -> list[str]:
    words = np.array(
        ["the", "service", "was", "good", "and", "fast", "while", "others", "found", "it", "slow", "or", "dull", "to", "be", "honest", "with", "you"]
    )
    return [" ".join(rng.choice(words, 9)) for _ in range(len(frame))]


def _days(frame: Frame, rng: np.random.Generator) -> np.ndarray:
    return (pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 300, len(frame)), unit="D")).strftime("%Y-%m-%d").to_numpy()


def _mails(frame: Frame, rng: np.random.Generator) -> list[str]:
    return [f"person{i % 150}@mail.example" for i in range(len(frame))]


def _copied() -> Frame:
    frame = plain()
    return pd.concat([frame, frame.iloc[:30]], ignore_index=True)


def _conflict() -> Frame:
    frame = plain()
    other = frame.iloc[:40].assign(y=np.where(frame.y[:40] == "yes", "no", "yes"))
    return pd.concat([frame, other], ignore_index=True)


def _flipped() -> Frame:
    frame = plain(800)
    rng = np.random.default_rng(5)
    frame["y"] = np.where(frame.a + frame.b > 0, "yes", "no")
    flipped = rng.choice(len(frame), 50, replace=False)
    frame.loc[flipped, "y"] = np.where(frame.y[flipped] == "yes", "no", "yes")
    return frame


def _clear() -> Frame:
    frame = plain(800)
    frame["y"] = np.where(frame.a > 0, "yes", "no")
    frame["a"] += np.where(frame.a > 0, 0.5, -0.5)
    return frame


def _one_in_thirty() -> Frame:
    frame = plain(900)
    frame["y"] = np.where(np.arange(900) % 30 == 0, "yes", "no")
    return frame


def _tiny_class() -> Frame:
    frame = plain()
    frame.loc[:6, "y"] = "maybe"
    return frame


def _unlabelled() -> Frame:
    frame = plain()
    frame.loc[:24, "y"] = None
    return frame


def _shifted() -> Frame:
    return plain(200, seed=9).assign(a=lambda f: f.a + 2.5)


def _later() -> Frame:
    """Return rows whose rule changes with time: what tells the class today told another one before."""
    rng = np.random.default_rng(3)
    n = 1500
    day = np.sort(rng.integers(0, 1000, n))
    x = (day + rng.normal(0, 10, n)).round(1)
    rate = np.array([0.9, 0.1, 0.8, 0.1, 0.9, 0.2, 0.9, 0.1, 0.2, 0.9])[day // 100]
    y = np.where(rng.random(n) < rate, "yes", "no")
    return Frame({"x": x, "z": rng.normal(size=n).round(3), "day": (pd.Timestamp("2020-01-01") + pd.to_timedelta(day, unit="D")).strftime("%Y-%m-%d"), "y": y})


def _steady() -> Frame:
    return _with(day=_days)()


def _patients() -> Frame:
    """Return ten visits each of 60 patients: measurements that name the patient, and a class that is the patient's."""
    rng = np.random.default_rng(4)
    patient = np.repeat(np.arange(60), 10)
    mark = rng.normal(size=(60, 4))
    x = mark[patient] + rng.normal(0, 0.05, (600, 4))
    y = np.where(rng.random(60) < 0.5, "ill", "well")[patient]
    order = rng.permutation(600)
    frame = Frame(x.round(4), columns=list("abcd")).assign(patient_id=[f"p{i}" for i in patient], y=y)
    return frame.iloc[order].reset_index(drop=True)


def _wide() -> Frame:
    rng = np.random.default_rng(6)
    frame = Frame(rng.normal(size=(120, 40)).round(3)).add_prefix("v")
    return frame.assign(y=np.where(frame.v0 + rng.normal(size=120) > 0, "yes", "no"))


CASES = [
    Case("target_leakage", _with(told=_leak), "fail", "told", _gone("told")),
    Case("id_like", _with(number=lambda f, r: np.arange(len(f)) + 1000), "fix", "number", _gone("number")),
    Case("constant", _with(same="x"), "fix", "same", _gone("same")),
    Case("duplicate_columns", _with(again=lambda f, r: 2 * f.a + 1), "fix", "again", _gone("again")),
    Case("duplicate_rows", _copied, "fix", "", None),
    Case(
        "split_overlap",
        plain,
        "fail",
        "",
        lambda t, b: len(t.split.train) == N - 60,
        test=lambda: pd.concat([plain(100, 8), plain().iloc[:60]]),
        quiet_test=lambda: plain(160, 8),
    ),
    Case("conflicting_labels", _conflict, "warn", ""),
    Case("label_noise", _flipped, "warn", "y", quiet=_clear),
    Case("imbalance", _one_in_thirty, "fix", "y"),
    Case("rare_class", _tiny_class, "fix", "y"),
    Case("missing_target", _unlabelled, "fix", "y"),
    Case("missing_values", _with(gaps=lambda f, r: np.where(r.random(len(f)) < 0.2, np.nan, f.b)), "fix", "gaps"),
    Case("disguised_missing", _with(weight=_sentinel), "fix", "weight", _empty_now("weight", 40)),
    Case("drift", plain, "warn", "a", _gone("a"), test=_shifted, quiet_test=lambda: plain(200, seed=9)),
    Case("unseen_categories", plain, "fix", "c", test=lambda: plain(200, 9).assign(c="violet"), quiet_test=lambda: plain(200, 9)),
    Case("high_cardinality", _with(city=_many_levels), "fix", "city", lambda t, b: t.recipe.get("city") == {"encode": "target"}),
    Case("category_variants", _with(town=_variants), "fix", "town", lambda t, b: set(np.unique(t.dataset.table.columns["town"].values)) <= {0, 1, 2}),
    Case("mixed_types", _with(size=_mixed), "fix", "size", _empty_now("size", 8)),
    Case("skew_outliers", _long_tail, "fix", "tail", lambda t, b: t.recipe.get("tail") == {"outliers": "rank"}),
    Case("infinite", _with(ratio=lambda f, r: np.where(np.arange(len(f)) % 50 == 0, np.inf, f.b)), "fix", "ratio"),
    Case("text", _with(words=_texts), "fix", "words"),
    Case("datetime", _with(day=_days), "fix", "day"),
    Case("time_leak", _later, "warn", "day", lambda t, b: t.dataset.time is not None, quiet=_steady),
    Case("group_leak", _patients, "warn", "patient_id", lambda t, b: t.dataset.group is not None),
    Case(
        "correlated_groups",
        _with(twin=lambda f, r: f.a + r.normal(0, 0.1, len(f))),
        "warn",
        "twin, a",
        lambda t, b: sorted(t.recipe.values(), key=str) == [{"linear": False}],
    ),
    Case("too_few_rows", _wide, "fix", "", lambda t, b: len(t.split.folds) == 15),
    Case("personal_data", _with(mail=_mails), "fix", "mail", _gone("mail")),
]
