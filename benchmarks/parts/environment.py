"""The benchmarks' own environment in ``.tools/bench``: Spark and pandas, locked with hashes."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent
PLACE = ROOT / ".tools" / "bench"
LOCK = ROOT / "requirements-spark.lock"


def bench_python() -> Path:
    """The Python of that environment, made or renewed where the lock has changed."""
    python, stamp = PLACE / "bin" / "python", PLACE / "lock.sha256"
    wanted = hashlib.sha256(LOCK.read_bytes()).hexdigest()
    if stamp.exists() and stamp.read_text() == wanted and python.exists():
        return python
    sys.path.insert(0, str(ROOT / "tools"))
    import bootstrap

    print("(installing Spark and pandas into .tools/bench; this takes a minute)", flush=True)
    uv = bootstrap.find_uv()
    if uv is not None:
        bootstrap.call([uv, "venv", "--quiet", "--allow-existing", "--python", sys.executable, PLACE])
        install = [uv, "pip", "install", "--quiet", "--python", python, "--require-hashes", "-r", LOCK]
        bootstrap.call(install, UV_SYSTEM_CERTS="1", UV_NATIVE_TLS="1")
    else:
        bootstrap.call([sys.executable, "-m", "venv", PLACE])
        bootstrap.call([python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", LOCK])
    source = ROOT / "src"
    site = subprocess.run(
        [python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))"],
        check=True, capture_output=True, text=True,
    ).stdout.strip()  # fmt: skip
    (Path(site) / "openjcm-of-this-checkout.pth").write_text(f"{source}\n")
    stamp.write_text(wanted)
    return python
