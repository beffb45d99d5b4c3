import os
import stat
import subprocess

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


def test_descendants_are_found_over_generations_and_sessions():
    process = subprocess.Popen(["sh", "-c", "sleep 30 & setsid sleep 31 & echo; wait"], stdout=subprocess.PIPE)
    process.stdout.readline()
    try:
        found = hardware.descendants(process.pid)
        assert len(found) == 2 and process.pid not in found and set(found) < set(hardware.descendants(os.getpid()))
    finally:
        for pid in [*hardware.descendants(process.pid), process.pid]:
            os.kill(pid, 9)
        process.wait()
    assert hardware.descendants(2**22 + 1) == []


def test_a_quota_of_parts_of_cores_and_no_limit_at_all(tmp_path, monkeypatch):
    monkeypatch.setattr(hardware, "_CGROUP", tmp_path)
    everything = hardware.probe()
    for quota, cores in (("max 100000", everything.cores), ("250000 100000", min(2, everything.cores)), ("20000 100000", 1), ("nonsense", everything.cores)):
        (tmp_path / "cpu.max").write_text(quota)
        assert hardware.probe().cores == cores
    (tmp_path / "memory.max").write_text("max")
    assert hardware.memory_mb() == everything.memory_mb
    (tmp_path / "memory.max").write_text(str(1 << 60))  # more than the machine has
    assert hardware.memory_mb() == everything.memory_mb


def test_affinity_counts_before_a_quota(tmp_path, monkeypatch):
    if not hasattr(os, "sched_setaffinity"):
        return
    monkeypatch.setattr(hardware, "_CGROUP", tmp_path)
    (tmp_path / "cpu.max").write_text("6400000 100000")
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: {0, 1, 2})
    assert hardware.probe().cores == 3
    (tmp_path / "cpu.max").write_text("200000 100000")
    monkeypatch.setattr(os, "sched_getaffinity", lambda pid: set(range(64)))
    assert hardware.probe().cores == 2
