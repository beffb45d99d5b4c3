"""The same numbers on lesser processors, whose vectors are shorter and which lack some instructions."""

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from automl.inference.kernels.cache import features as here

AVX2 = "+avx,+avx2,+fma,+bmi,+bmi2,+popcnt,+sse4.1,+sse4.2,+f16c,+lzcnt,+movbe,+ssse3,+sse3,+cx16"
WIDE = ",+avx512f,+avx512bw,+avx512cd,+avx512dq,+avx512vl"  # and no permutations of bytes
ROOT = Path(__file__).resolve().parents[3]


@pytest.mark.slow
@pytest.mark.skipif(platform.machine() != "x86_64", reason="names features of this architecture")
@pytest.mark.parametrize(
    ("name", "features", "files"),
    [
        ("haswell", AVX2, ["test_trees.py", "test_boosted.py", "test_forest.py", "test_category_sets.py", "kernels/test_bins.py"]),
        ("skylake-avx512", AVX2 + WIDE, ["test_category_sets.py", "kernels/test_bins.py"]),
        ("alderlake", AVX2 + ",+avxvnni", ["test_network_bytes.py"]),
    ],
)
def test_both_ways_agree_there_too(tmp_path, name, features, files):
    if lacking := [f for f in features.split(",") if f"{f}," not in f"{here()},"]:
        pytest.skip(f"this processor has no {' '.join(lacking)}")
    environment = {**os.environ, "NUMBA_CPU_NAME": name, "NUMBA_CPU_FEATURES": features, "NUMBA_CACHE_DIR": str(tmp_path / "code")}
    command = [sys.executable, "-m", "pytest", "-q", *(f"tests/inference/{file}" for file in files)]
    done = subprocess.run(command, env=environment, cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:]
