"""Tables larger than memory: a uniform sample, exact counts, the same faults, and a bounded peak."""

import gzip
import io
import json
import subprocess
import sys

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from automl.data.sources import read_file, read_files
from automl.data.sources.large import read_blocks
from automl.data.sources.read import is_larger
from automl.data.sources.stack import stack
from automl.errors import DataError, NoRowsError
from automl.spec.sections.data import Csv

from .helpers import cells, coded_note
from .test_arrow import feather

LIMIT = 300_000
N = 20_000


def frame(n=N):
    rng = np.random.default_rng(0)
    made = pd.DataFrame({"i": np.arange(n), "x": rng.normal(size=n).round(3), "c": rng.choice(["red", "NA", "blue"], n), "t": [f"text {i}" for i in range(n)]})
    made.loc[::10, "x"] = np.nan
    return made


def csv(made, **how):
    return made.to_csv(index=False, **how).encode()


def parquet(made):
    buffer = io.BytesIO()
    pq.write_table(pa.Table.from_pandas(made, preserve_index=False), buffer, row_group_size=3000)
    return buffer.getvalue()


def lines(made):
    return made.to_json(orient="records", lines=True).encode()


FORMS = {
    "t.csv": csv, "t.csv.gz": lambda f: gzip.compress(csv(f)), "t.csv.zst": lambda f: pa.compress(csv(f), codec="zstd", asbytes=True),
    "u.csv": lambda f: csv(f).decode().encode("utf-16"), "v.csv": lambda f: csv(f, sep=";", quoting=2, lineterminator="\r\n"), "t.parquet": parquet,
    "t.feather": lambda f: feather(pa.Table.from_pandas(f, preserve_index=False), chunk=1000), "t.jsonl": lines, "t.jsonl.gz": lambda f: gzip.compress(lines(f)),
}  # fmt: skip


def read(folder, pattern, limit=LIMIT, seed=0, **options):
    return read_files([pattern] if isinstance(pattern, str) else pattern, folder, Csv(**options), limit=limit, seed=seed)


@pytest.mark.parametrize("name", FORMS)
def test_the_sample_is_of_the_rows_and_the_counts_are_of_all(tmp_path, name):
    made = frame()
    (tmp_path / name).write_bytes(FORMS[name](made))
    raw = read(tmp_path, name)
    found = raw.table.columns
    numbers = found["i"].values if found["i"].kind == "number" else np.array([int(v) for v in cells(found["i"])])
    assert 200 < raw.table.n_rows < N / 2 and np.array_equal(raw.rows, numbers + 1) and raw.n_rows == N
    assert cells(found["t"]) == [f"text {int(i)}" for i in numbers]
    assert raw.whole["rows"] == N and raw.whole["columns"]["x"]["missing"] == N // 10
    for key in ("min", "max", "mean"):
        assert raw.whole["columns"]["x"][key] == pytest.approx(getattr(made["x"], key)())
    text = name.endswith((".csv", ".gz", ".zst")) and "json" not in name
    assert raw.whole["columns"]["c"]["missing"] == (int((made["c"] == "NA").sum()) if text else 0)
    assert f"{raw.table.n_rows} of {N} rows" in coded_note(raw.notes, "W308") and len(raw.sha256) == 64
    assert abs(numbers.mean() / N - 0.5) < 0.1


@pytest.mark.parametrize("name", ["t.csv", "t.csv.gz", "t.parquet", "t.jsonl"])
def test_with_room_it_is_the_table_itself(tmp_path, name):
    (tmp_path / name).write_bytes(FORMS[name](frame(500)))
    raw = read(tmp_path, name, limit=1 << 30)
    assert raw.rows is None and raw.whole is None and raw.table.n_rows == 500 and not [n for n in raw.notes if "W308" in n]


def test_the_digest_is_that_of_reading_it_whole_and_the_seed_decides(tmp_path):
    (tmp_path / "t.csv").write_bytes(csv(frame()))
    small, again, other = read(tmp_path, "t.csv"), read(tmp_path, "t.csv"), read(tmp_path, "t.csv", seed=1)
    assert small.sha256 == read(tmp_path, "t.csv", limit=1 << 30).sha256
    assert np.array_equal(small.rows, again.rows) and not np.array_equal(small.rows[:50], other.rows[:50])


def test_a_list_of_files_of_several_forms_is_one_table(tmp_path):
    made = frame()
    (tmp_path / "a.csv").write_bytes(csv(made[: N // 2]))
    (tmp_path / "b.parquet").write_bytes(parquet(made[N // 2 :]))
    raw = read(tmp_path, ["a.csv", "b.parquet"])
    assert raw.whole["rows"] == N and raw.rows.max() > N // 2 > raw.rows.min() and raw.name == "2 files"
    (tmp_path / "c.csv").write_bytes(csv(made.drop(columns="x").assign(y=1)))
    with pytest.raises(DataError, match=r"c\.csv has other columns than a\.csv; missing: `x`; extra: `y`"):
        read(tmp_path, ["a.csv", "c.csv"])


ROWS = "".join(f"{i},x{i % 3},some words\n" for i in range(40_000))


@pytest.mark.parametrize(
    ("content", "where", "words"),
    [
        ("a,b,c\n" + ROWS + "1,2,3,4\n" + ROWS, "line 40002", "3 names, this row has 4"),
        ("a,b,c\n" + ROWS.replace("\n", ",y\n"), "line 2", "every row has 4"),
        ("a,b,c\n" + ROWS + '1,2,"open\n' + ROWS, "line 40002", "quote"),
        ('a,b,c\n1,"x\ny",z\n' + ROWS + '1,"2,3\n4,"5",6\n' + ROWS, "line 40004", "quote"),
        (("a,b,c\n" + ROWS).encode() + b"1,\xff,3\n", "line 40002", "not UTF-8"),
        (("a,b,c\n" + ROWS).encode() + b"1,\0,3\n", "line 40002", "NUL"),
        ("a,b,c\n", "t.csv", "no rows"),
    ],
)
def test_faults_have_the_same_places_as_in_a_small_file(tmp_path, content, where, words):
    (tmp_path / "t.csv").write_bytes(content if isinstance(content, bytes) else content.encode())
    for limit in (1000, 1 << 30):
        if words == "no rows" and limit == 1000:
            limit = 1
        with pytest.raises(DataError) as caught:
            read(tmp_path, "t.csv", limit=limit)
        assert caught.value.where.endswith(where) and words in caught.value.problem, limit


def test_short_rows_and_loose_quotes_far_behind_are_read_exactly(tmp_path):
    body = ROWS + "9\n" + ROWS + '5" pipe,x\n\n' + ROWS
    (tmp_path / "t.csv").write_text("a,b,c\n" + body)
    raw = read(tmp_path, "t.csv")
    assert raw.whole["rows"] == 120_002 and raw.whole["columns"]["c"]["missing"] == 2 and raw.whole["columns"]["b"]["missing"] == 1
    assert "2 rows have fewer values than the 3 names, the first on line 40002" in coded_note(raw.notes, "W301")
    at = np.flatnonzero((raw.rows != 40_001) & (raw.rows != 80_002))
    rows = raw.rows[at] - 1 - (raw.rows[at] > 40_001) - (raw.rows[at] > 80_002)
    assert [cells(raw.table.columns["a"])[i] for i in at] == [str(r % 40_000) for r in rows]


def test_json_lines_may_bring_a_key_late_and_are_placed_in_any_block(tmp_path):
    rows = [{"a": i, "t": "x" * 200} for i in range(60_000)]
    rows[-1]["late"] = 1
    text = "".join(json.dumps(r) + "\n" for r in rows)
    (tmp_path / "t.jsonl").write_text(text)
    raw = read(tmp_path, "t.jsonl", limit=1_000_000)
    assert raw.whole["columns"]["late"] == {"missing": 59_999, "min": 1.0, "max": 1.0, "mean": 1.0} and raw.whole["rows"] == 60_000
    (tmp_path / "u.jsonl").write_text(text + "{\n")
    with pytest.raises(DataError) as caught:
        read(tmp_path, "u.jsonl")
    assert caught.value.where == "u.jsonl, line 60001"


def test_a_bomb_is_refused_with_the_limit(tmp_path):
    (tmp_path / "t.csv.gz").write_bytes(gzip.compress(b"a,b\n" + b"0,0\n" * (1 << 23), 9))
    with pytest.raises(DataError, match=r"beyond the 1\.0 MB that may be held"):
        read(tmp_path, "t.csv.gz", limit=1_000_000)


@pytest.mark.parametrize("keep", [0.5, 0.99])
def test_a_packed_file_that_was_cut_is_told_in_any_block(tmp_path, keep):
    packed = gzip.compress(csv(frame(200_000)), 1)
    (tmp_path / "t.csv.gz").write_bytes(packed[: int(len(packed) * keep)])
    with pytest.raises(DataError, match="incomplete"):
        read(tmp_path, "t.csv.gz")


def test_what_fits_after_all_is_no_sample(tmp_path):
    text = "".join(json.dumps({"a": i, "t": "x" * 200}) + "\n" for i in range(20_000))
    (tmp_path / "t.jsonl").write_text(text)
    raw = read(tmp_path, "t.jsonl", limit=4_000_000)
    assert raw.table.n_rows == 20_000 and raw.rows is None and raw.whole is None and not [n for n in raw.notes if "W308" in n]


def test_columns_that_cannot_be_used_are_told_once(tmp_path):
    made = frame().assign(tags=[[1]] * N, raw=[None] * 5 + [b"\xff\xfe"] * (N - 5), odd=[None] * (N - 1) + [b"\xff"])
    (tmp_path / "t.parquet").write_bytes(parquet(made))
    raw = read(tmp_path, "t.parquet")
    assert list(raw.table.columns)[:4] == list(frame().columns) and "tags" not in raw.table.columns and "raw" not in raw.table.columns
    assert len([n for n in raw.notes if "`tags`" in n]) == 1 and len([n for n in raw.notes if "`raw`" in n]) == 1


def test_a_packed_parquet_is_not_read_in_parts(tmp_path):
    (tmp_path / "t.parquet.gz").write_bytes(gzip.compress(parquet(frame())))
    with pytest.raises(DataError, match="unpack it"):
        read(tmp_path, "t.parquet.gz", limit=1000)


PEAK = """
import sys
from pathlib import Path
import numpy, pandas, pyarrow.csv, pyarrow.parquet, pyarrow.compute
from automl.data.sources import read_files
from automl.spec.sections.data import Csv
def peak():  # getrusage would give the parent's, from before the exec
    return int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) * 1024
limit = int(sys.argv[2])
pyarrow.set_cpu_count(2)
small = Path(sys.argv[1]).with_name("small" + Path(sys.argv[1]).suffix)
read_files([small.name], small.parent, Csv(), limit=limit)
before = peak()
raw = read_files([Path(sys.argv[1]).name], Path(sys.argv[1]).parent, Csv(), limit=limit)
print(raw.n_rows, peak() - before)
"""


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_the_peak_of_memory_stays_near_the_limit(tmp_path, suffix):
    rng = np.random.default_rng(0)
    n = 400_000
    made = pd.DataFrame({**{f"x{i}": rng.normal(size=n) for i in range(6)}, "t": [f"user {i}" for i in range(n)]})
    write = (lambda f, p: p.write_bytes(csv(f))) if suffix == ".csv" else (lambda f, p: p.write_bytes(parquet(f)))
    write(made, tmp_path / f"big{suffix}")
    write(made[:2000], tmp_path / f"small{suffix}")
    used = {}
    for limit in (12 << 20, 1 << 40):
        done = subprocess.run([sys.executable, "-c", PEAK, tmp_path / f"big{suffix}", str(limit)], capture_output=True, text=True, check=True)
        rows, used[limit] = map(int, done.stdout.split())
        assert rows == n
    part, whole = used.values()
    assert part < 0.4 * whole and part < (12 << 20) + (70 << 20), used  # beside the sample some blocks are on their way


@pytest.mark.parametrize("name", FORMS)
def test_blocks_in_their_order_are_the_whole_table(tmp_path, name):
    path, parts = tmp_path / name, []
    path.write_bytes(FORMS[name](frame()))
    notes = read_blocks(path, Csv(), LIMIT, parts.append)
    whole = read_file(path)
    assert len(parts) > (1 if "json" not in name else 0) and is_larger(path, LIMIT) and not is_larger(path, 1 << 40)
    found = stack(parts)
    assert found.n_rows == N and list(found.columns) == list(whole.table.columns) and set(notes) <= set(whole.notes)
    for column, expected in whole.table.columns.items():
        mine = found.columns[column]
        assert mine.kind == expected.kind
        if mine.kind == "coded":
            assert cells(mine) == cells(expected)
        else:
            assert np.array_equal(mine.values, expected.values, equal_nan=True)


def test_blocks_of_what_cannot_be_read_are_refused_as_the_whole_is(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,b\n" + "1,2\n" * 50 + "1,2,3\n")
    with pytest.raises(DataError, match="line 52"):
        read_blocks(path, Csv(), LIMIT, lambda table: None)
    path.write_text("a,b\n")
    with pytest.raises(NoRowsError):
        read_blocks(path, Csv(), LIMIT, lambda table: pytest.fail("no rows"))
    assert not is_larger(tmp_path / "nowhere.csv", 1) and not is_larger(tmp_path, 1)
