"""`automl doctor`: what this machine offers and whether everything needed is installed."""

import json
import sys
from pathlib import Path

import click

from automl.cli.options import AS_JSON, debug
from automl.errors import MissingPackageError
from automl.versions import package_version

NEEDED = ("click", "jinja2", "numpy", "optuna", "pandas", "pyarrow", "pydantic", "ruamel.yaml", "safetensors", "scikit-learn", "scipy", "torch", "xgboost")


@click.command(help="Show versions, cores, memory, accelerators and whether the current folder can be written.")
@AS_JSON
@debug
def command(as_json: bool) -> None:
    """Print what was found; exit code 5 when a package is missing."""
    import tempfile

    from automl.hardware import probe

    versions = {package: package_version(package) for package in NEEDED}
    hardware = probe()
    try:
        with tempfile.TemporaryFile(dir=Path.cwd()):
            writable = True
    except OSError:
        writable = False
    missing = [p for p, v in versions.items() if not v]
    if as_json:
        facts = {"python": sys.version.split()[0], "packages": versions, "cores": hardware.cores, "memory_mb": hardware.memory_mb,
                 "accelerators": [a.name for a in hardware.accelerators], "writable": writable}  # fmt: skip
        click.echo(json.dumps({"schema_version": 1, **facts}, indent=1))
    else:
        click.echo(f"python {sys.version.split()[0]}, {hardware.system}, {hardware.processor}")
        click.echo(f"{hardware.cores} cores, {hardware.memory_mb} MB of memory, " + (", ".join(a.name for a in hardware.accelerators) or "no CUDA device"))
        click.echo(f"this folder can{'' if writable else 'not'} be written")
        for package, found in versions.items():
            click.echo(f"  {package:<14}{found or 'MISSING'}")
    if missing:
        raise MissingPackageError(f"{', '.join(missing)} not installed", "doctor", "pip install " + " ".join(missing))
