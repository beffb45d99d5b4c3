import os
import stat

from automl import hardware


def test_cores_and_memory_are_within_the_machine():
    found = hardware.probe()
    assert 1 <= found.cores <= (os.cpu_count() or 1)
    assert 0 < found.memory_mb <= os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20


def test_a_cgroup_quota_counts(tmp_path, monkeypatch):
    (tmp_path / "cpu.max").write_text("100000 100000\n")
    (tmp_path / "memory.max").write_text(str(1 << 30))
    monkeypatch.setattr(hardware, "_CGROUP", tmp_path)
    found = hardware.probe()
    assert found.cores == 1 and found.memory_mb == 1024


def test_accelerators_are_read_from_nvidia_smi(tmp_path, monkeypatch):
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 'NVIDIA H200, 143771'\n")
    program.chmod(program.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert hardware.probe().accelerators == (hardware.Accelerator("NVIDIA H200", 143771),)


def test_a_broken_nvidia_smi_means_none(tmp_path, monkeypatch):
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 'driver mismatch'; exit 9\n")
    program.chmod(program.stat().st_mode | stat.S_IEXEC)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert hardware.probe().accelerators == ()
