"""The embedded database: it starts, is taken over, recovers, stays private, and stops."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from pathlib import Path
from urllib.parse import unquote

import psycopg
import pytest

from openjcm.refusals import Refused
from openjcm.store import launch as launch_module
from openjcm.store import server as server_module
from openjcm.store.launch import Launch, leading_number, plan_launch
from openjcm.store.server import Server, find_binaries, socket_folder

pytestmark = pytest.mark.both_engines


def value(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def sockets_of(server: Server) -> Path:
    return Path(unquote(server.url.partition("host=")[2]))


def write_one(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("create table if not exists written (n integer)")
        connection.execute("insert into written values (1)")


def test_it_keeps_its_data_over_stop_and_start(own_server: Server) -> None:
    write_one(own_server.url)
    own_server.stop()
    assert own_server.pid is None
    assert not sockets_of(own_server).exists(), "and no empty folder is left behind"
    assert value(own_server.start(), "select count(*) from written") == 1


def test_it_recovers_from_a_kill(own_server: Server) -> None:
    write_one(own_server.url)
    own_server.kill()
    assert own_server.pid is None
    assert value(own_server.start(), "select count(*) from written") == 1


def test_a_killed_postmaster_whose_children_still_live_is_waited_for(own_server: Server) -> None:
    connection = psycopg.connect(own_server.url)
    connection.execute("select 1")
    assert own_server.pid is not None
    os.kill(own_server.pid, signal.SIGKILL)
    assert value(own_server.start(), "select 1") == 1
    connection.close()


def test_a_server_that_recovers_from_a_crash_of_a_child_is_waited_for(own_server: Server) -> None:
    write_one(own_server.url)
    crashing, slow = (psycopg.connect(own_server.url) for _ in range(2))
    os.kill(slow.info.backend_pid, signal.SIGSTOP)  # it keeps the recovery waiting, for seconds
    os.kill(crashing.info.backend_pid, signal.SIGKILL)
    with pytest.raises(psycopg.OperationalError):
        crashing.execute("select 1")
    before = own_server.pid
    other = Server(own_server.data_dir, own_server.launch.binaries)
    assert value(other.start(), "select count(*) from written") == 1
    assert other.pid == before, "it was not started anew"
    other.leave()
    for connection in (crashing, slow):
        connection.close()


def test_a_server_that_lets_nobody_in_for_too_long_is_told(own_server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    crashing, slow = (psycopg.connect(own_server.url) for _ in range(2))
    os.kill(slow.info.backend_pid, signal.SIGSTOP)
    os.kill(crashing.info.backend_pid, signal.SIGKILL)
    with pytest.raises(psycopg.OperationalError):
        crashing.execute("select 1")
    monkeypatch.setattr(server_module, "START_SECONDS", 0.5)
    other = Server(own_server.data_dir, own_server.launch.binaries)
    with pytest.raises(Refused) as caught:
        other.start()
    assert caught.value.code == "database_not_started"
    assert "recovery" in str(caught.value.facts["reason"])
    other.leave()
    for connection in (crashing, slow):
        connection.close()


def test_a_stale_pid_file_that_names_a_stranger_does_not_hinder(own_server: Server) -> None:
    pid_file = own_server.folder / "postmaster.pid"
    lines = pid_file.read_text().splitlines()
    own_server.kill()
    stranger = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    try:
        pid_file.write_text("\n".join([str(stranger.pid), *lines[1:]]) + "\n")
        assert own_server.pid is None, "a stranger's process is not our server"
        assert value(own_server.start(), "select 1") == 1
        assert stranger.poll() is None, "and it is left alone"
    finally:
        stranger.kill()
        stranger.wait()


def test_it_outlives_a_killed_parent_and_is_taken_over(own_server: Server) -> None:
    own_server.stop()
    program = (
        "import os, signal, sys; from pathlib import Path; from openjcm.store.server import Server\n"
        "Server(Path(sys.argv[1]), Path(sys.argv[2])).start(); os.kill(os.getpid(), signal.SIGKILL)"
    )
    binaries = str(own_server.launch.binaries)
    subprocess.run([sys.executable, "-c", program, str(own_server.data_dir), binaries], check=False)
    left = own_server.pid
    assert left is not None, "it outlived its parent"
    own_server.start()
    assert own_server.pid == left
    own_server.stop()
    assert own_server.pid is None, "taken over, and stopped by somebody else's child"


def test_the_last_to_leave_stops_it_and_a_kept_one_stays(own_server: Server) -> None:
    other = Server(own_server.data_dir, own_server.launch.binaries)
    other.start()
    own_server.leave()
    assert other.pid is not None
    other.keep()
    other.leave()
    assert other.pid is not None, "an operator wished to keep it"
    other.start()
    other.stop()
    assert other.pid is None
    other.leave()
    other.start()
    other.leave()
    assert other.pid is None, "the wish ended with the stop"


def test_two_programs_that_start_at_once_share_one_server(own_server: Server) -> None:
    own_server.stop()
    servers = [Server(own_server.data_dir, own_server.launch.binaries) for _ in range(4)]
    threads = [threading.Thread(target=server.start) for server in servers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len({server.pid for server in servers}) == 1
    assert servers[0].pid is not None
    for server in servers:
        server.leave()
    assert own_server.pid is not None, "this one has not left yet"


def test_a_program_that_ends_leaves(own_server: Server) -> None:
    own_server.leave()
    program = (
        "import sys; from pathlib import Path; from openjcm.store.server import Server\n"
        "Server(Path(sys.argv[1]), Path(sys.argv[2])).start()"
    )
    binaries = str(own_server.launch.binaries)
    subprocess.run([sys.executable, "-c", program, str(own_server.data_dir), binaries], check=True)
    assert own_server.pid is None


def test_its_only_door_is_a_private_socket(own_server: Server) -> None:
    assert value(own_server.url, "show listen_addresses") == ""
    assert value(own_server.url, "show fsync") == "on"
    assert value(own_server.url, "show full_page_writes") == "on"
    sockets = sockets_of(own_server)
    assert sockets.stat().st_mode & 0o777 == 0o700
    assert own_server.folder.stat().st_mode & 0o777 == 0o700
    assert len(os.fsencode(sockets / ".s.PGSQL.5432.lock")) < 107
    assert value(own_server.url, "select rolsuper from pg_roles where rolname = current_user") is False


def test_a_path_with_spaces_and_japanese_does(own_server: Server, tmp_path: Path) -> None:
    with Server(tmp_path / "a folder's データ, (odd) %20", own_server.launch.binaries) as server:
        assert value(server.url, "select 1") == 1
    assert server.pid is None


def test_a_half_made_data_folder_is_made_anew(own_server: Server, tmp_path: Path) -> None:
    half = tmp_path / "half" / "postgres.new"
    half.mkdir(parents=True)
    (half / "PG_VERSION").write_text("killed in the middle")
    with Server(tmp_path / "half", own_server.launch.binaries) as server:
        assert value(server.url, "select 1") == 1
    assert not half.exists()


def test_data_of_another_version_are_refused_untouched(own_server: Server) -> None:
    own_server.stop()
    (own_server.folder / "PG_VERSION").write_text("9\n")
    with pytest.raises(Refused) as caught:
        own_server.start()
    assert caught.value.code == "database_of_other_version"


def test_damaged_data_are_refused_with_the_word_of_the_server(own_server: Server) -> None:
    own_server.stop()
    (own_server.folder / "global" / "pg_control").write_bytes(b"")
    with pytest.raises(Refused) as caught:
        own_server.start()
    assert caught.value.code == "database_not_started"
    assert "pg_control" in caught.value.facts["reason"]


def test_the_log_of_the_run_before_is_kept(own_server: Server) -> None:
    own_server.kill()
    own_server.start()
    assert (own_server.data_dir / "postgres.before.log").exists()


def test_a_server_that_does_not_stop_in_time_is_told(own_server: Server, monkeypatch: pytest.MonkeyPatch) -> None:
    pid = own_server.pid
    assert pid is not None
    monkeypatch.setattr(server_module, "STOP_SECONDS", 0.1)
    os.kill(pid, signal.SIGSTOP)
    try:
        with pytest.raises(Refused) as caught:
            own_server.stop()
        assert caught.value.code == "database_still_running"
    finally:
        os.kill(pid, signal.SIGCONT)


@pytest.mark.parametrize("prepared", ["open to others", "a link", "a file", "somebody else's"])
def test_a_socket_folder_that_somebody_prepared_is_refused(tmp_path: Path, prepared: str) -> None:
    data = tmp_path / prepared.replace(" ", "-")
    folder = socket_folder(data, os.geteuid())
    assert socket_folder(data, os.geteuid()) == folder, "our own folder is used again"
    if prepared == "open to others":
        folder.chmod(0o755)
    elif prepared != "somebody else's":
        folder.rmdir()
        if prepared == "a link":
            folder.symlink_to(tmp_path, target_is_directory=True)
        else:
            folder.write_text("")
    elif os.geteuid() == 0:
        os.chown(folder, 12345, -1)
    else:
        folder.chmod(0o711)
    try:
        with pytest.raises(Refused) as caught:
            socket_folder(data, os.geteuid())
        assert caught.value.code == "unsafe_socket_folder"
    finally:
        folder.rmdir() if folder.is_dir() and not folder.is_symlink() else folder.unlink()


def test_a_data_folder_that_cannot_be_used_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(Refused) as caught:
        Server(tmp_path / "file")
    assert caught.value.code == "data_folder_unusable"
    (tmp_path / "data" / "postgres.users.lock").mkdir(parents=True)
    with pytest.raises(Refused) as caught:
        Server(tmp_path / "data").start()
    assert caught.value.code == "data_folder_unusable"


def test_without_binaries_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(launch_module, "binaries_of", lambda engine: None)
    with pytest.raises(Refused) as caught:
        find_binaries()
    assert caught.value.code == "no_postgres_binaries"
    assert "OPENJCM_DATABASE_URL" in caught.value.remedy("ja")


def test_a_version_number_is_read_from_a_text() -> None:
    assert leading_number("15.18 (Debian)") == 15
    assert leading_number("devel") == 0


class TestRoot:
    """What root does instead of running the server as root; played with a pretended user."""

    @pytest.fixture(autouse=True)
    def pretend(self, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
        monkeypatch.setattr(launch_module.os, "geteuid", lambda: 0)
        monkeypatch.setattr(launch_module.os, "chown", lambda *_: None)
        monkeypatch.setattr(launch_module, "SERVICE_FOLDER", tmp_path / "service")
        self.home = tmp_path

    def plan(self) -> Launch:
        binaries = launch_module.binaries_of("embedded")
        assert binaries is not None
        return plan_launch(self.home, binaries)

    def test_a_user_namespace_where_it_reaches(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(launch_module, "_namespace_reaches", lambda path: True)
        plan = self.plan()
        assert plan.prefix[0] == "unshare"
        assert plan.folder == self.home / "postgres"

    def test_a_copy_of_the_binaries_where_the_namespace_does_not_reach(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(launch_module, "_namespace_reaches", lambda path: path == "/")
        plan = self.plan()
        assert plan.prefix[0] == "unshare"
        assert plan.binaries.is_relative_to(self.home / "service")
        assert plan.folder.is_relative_to(self.home / "service")
        done = subprocess.run([plan.binaries / "postgres", "--version"], capture_output=True, text=True, check=True)
        assert "PostgreSQL" in done.stdout, "the libraries were taken along"
        assert self.plan() == plan

    def test_a_service_user_where_there_is_no_namespace(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(launch_module, "_namespace_reaches", lambda path: False)
        monkeypatch.setattr(launch_module, "SERVICE_USERS", ("daemon",))
        plan = self.plan()
        assert plan.prefix == ()
        assert plan.uid != 0

    def test_no_service_user_to_be_had(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(launch_module, "_namespace_reaches", lambda path: False)
        monkeypatch.setattr(launch_module, "SERVICE_USERS", ("no-such-user",))
        monkeypatch.setenv("PATH", "/nonexistent")
        with pytest.raises(Refused) as caught:
            self.plan()
        assert caught.value.code == "no_service_user"

    def test_data_that_only_root_can_reach(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(launch_module, "_namespace_reaches", lambda path: path == "/")
        (self.home / "postgres").mkdir()
        with pytest.raises(Refused) as caught:
            self.plan()
        assert caught.value.code == "data_out_of_reach"


def test_nothing_listens_on_the_network(own_server: Server) -> None:
    listening = Path("/proc/net/tcp").read_text().splitlines()[1:]
    inodes = {line.split()[9] for line in listening if line.split()[3] == "0A"}
    assert own_server.pid is not None
    links = {str(entry.readlink()) for entry in Path(f"/proc/{own_server.pid}/fd").iterdir()}
    assert not {f"socket:[{inode}]" for inode in inodes} & links
