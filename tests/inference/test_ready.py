"""What workers are forked from has the kernels loaded."""

import subprocess
import sys


def test_importing_it_loads_the_kernels_of_float32_trees():
    program = "import automl.inference.ready as r; from automl.inference.compiled import _Account; assert all(_Account.made[k] for k in r.KEYS)"
    subprocess.run([sys.executable, "-c", program], check=True)
