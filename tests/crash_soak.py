"""Kill -9 of the application, of the database, and of both, at random moments under load; then count what was lost.

    python tests/crash_soak.py --rounds 5 --kills 20 --seed 1

In each round a new installation serves acts to callers over HTTP (single acts, many in one call, conflicting ones)
while parties act directly (alone, in batches, with files). After each kill everything is started again and the
books are audited: every act that was acknowledged must be there under the very receipt that its caller got; every act
whose caller heard nothing is sent again under its key, and must be there once. Exit code 1 if anything is lost or done
twice.
"""

from __future__ import annotations

import argparse
import dataclasses
import json
import random
import select
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parent))

from crash_party import do
from openjcm.commands import audit_office, is_clean
from openjcm.commands.office import now_utc
from openjcm.store.database import migrate
from openjcm.store.server import Server
from served import Caller, Served
from trial_office import Trial

PARTY = Path(__file__).parent / "crash_party.py"
SERIALS = 1_000_000
"""How many serials each caller and each party has of its own."""
SHARED = 20
"""The first serials, which all callers want."""
Said = tuple[int, int, str]
"""Entry, index and hash of the leaf: what a receipt promises."""
WHAT = ("application", "database", "both")


@dataclass
class Tally:
    """What was done, and what became of it."""

    seed: int
    kills: Counter[str] = field(default_factory=Counter)
    sent: int = 0
    refused: int = 0
    unheard: int = 0
    """Acts whose caller got no answer, and that were sent again under their key."""
    unheard_and_done: int = 0
    """Those among them that had been done before they were sent again."""
    acknowledged: int = 0
    lost: int = 0
    doubled: int = 0
    audits: int = 0
    entries: int = 0
    findings: list[str] = field(default_factory=list)

    @property
    def kept(self) -> bool:
        """Whether every promise was kept."""
        return not (self.lost or self.doubled or self.findings)

    def __str__(self) -> str:
        kills = ", ".join(f"{name} {self.kills[name]}" for name in WHAT)
        return (
            f"seed {self.seed}: {sum(self.kills.values())} kills ({kills}); {self.sent} acts sent, "
            f"{self.acknowledged} acknowledged, {self.refused} refused; {self.unheard} unheard and sent again, "
            f"of which {self.unheard_and_done} had been done; {self.entries} entries; {self.audits} audits, "
            f"{len(self.findings)} findings; lost {self.lost}, doubled {self.doubled}"
        )


@dataclass
class Wish:
    """One call of a caller: one act or many, with their keys."""

    act: str | None
    body: dict[str, Any]
    keys: list[str]


class Calling(threading.Thread):
    """A caller over HTTP: sends acts until told to rest, and remembers what was promised and what was not heard."""

    def __init__(self, caller: Caller, number: int, seed: int, already: Calling | None = None) -> None:
        super().__init__(daemon=True)
        self.caller, self.number, self.seed = caller, number, seed
        self.choice = already.choice if already else random.Random(seed * 1000 + number)
        self.next = already.next if already else SHARED + 1 + number * SERIALS
        self.promised: dict[str, Said] = already.promised if already else {}
        self.pending: list[Wish] = already.pending if already else []
        self.counts: Counter[str] = already.counts if already else Counter()
        self.unheard: set[str] = already.unheard if already else set()
        self.resting = threading.Event()
        self.strange: list[str] = []

    def run(self) -> None:
        """First what was not heard is sent again, then new acts."""
        while not self.resting.is_set():
            wish = self.pending[0] if self.pending else self.wish()
            if not self.pending:
                self.pending.append(wish)
                self.counts["sent"] += len(wish.keys)
            try:
                status, answer = self.caller.post(wish.act, wish.body, wish.keys[0] if wish.act else None)
            except OSError:
                self.unheard |= {*wish.keys}
                time.sleep(0.05)
                continue
            self._hear(wish, status, answer)

    def _hear(self, wish: Wish, status: int, answer: dict[str, Any]) -> None:
        many = [(one["status"], one) for one in answer["answers"]] if wish.act is None and status == 200 else None
        answers = many or [(status, {"receipt": answer} if status in {200, 201} else answer)] * len(wish.keys)
        if any(code == 503 for code, _ in answers):
            self.unheard |= {*wish.keys}
            time.sleep(0.05)
            return
        for key, (code, one) in zip(wish.keys, answers, strict=True):
            if code in {200, 201}:
                receipt = one["receipt"]
                assert receipt["key"] == key, "somebody else's answer"
                self.promised[key] = (receipt["entry_no"], receipt["leaf_index"], receipt["leaf_hash"])
                self.counts["replayed"] += code == 200  # every key is new: only an unheard act was done before
            elif code in {409, 422}:
                self.counts["refused"] += 1
            else:
                self.strange.append(f"{code}: {one}")
        self.pending.clear()

    def wish(self) -> Wish:
        """The next call, chosen by the seed."""
        kind = self.choice.random()
        if kind < 0.15:
            shared = self.choice.randint(1, SHARED)
            key = f"shared-{self.number}-{self.counts['sent']}"
            target = self.choice.choice(["JPN/company", "JPN/trader", "JPN/government"])
            return Wish("transfer", self._move(shared, target), [key])
        if kind < 0.3:
            serials = [self._own() for _ in range(self.choice.randint(2, 25))]
            keys = [f"http-{serial}" for serial in serials]
            acts = [
                {"act": "transfer", "key": key, "request": self._move(serial, "JPN/company")}
                for key, serial in zip(keys, serials, strict=True)
            ]
            return Wish(None, {"acts": acts}, keys)
        serial = self._own()
        if kind < 0.45:
            body = {"blocks": [f"JCM-JP-MN901-2022-{serial}"], "cancellation_account": "JPN/cancellation",
                    "purpose": "omge", "reason": f"caller {self.number}", "occurred_on": "2025-02-01"}  # fmt: skip
            return Wish("cancel", body, [f"http-{serial}"])
        return Wish("transfer", self._move(serial, "JPN/company"), [f"http-{serial}"])

    def _own(self) -> int:
        self.next += 1
        return self.next

    @staticmethod
    def _move(serial: int, target: str) -> dict[str, Any]:
        return {"blocks": [f"JCM-JP-MN901-2022-{serial}"], "target_account": target, "occurred_on": "2025-02-01"}


class Direct:
    """A party that acts directly, in a process of its own."""

    def __init__(self, url: str, folder: Path, number: int) -> None:
        self.url, self.folder = url, folder
        self.first = SHARED + 1 + number * SERIALS
        self.step = 0
        self.promised: dict[str, Said] = {}
        self.process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Go on with the first step that was not acknowledged: that is the retry."""
        words = [sys.executable, str(PARTY), self.url, str(self.folder), str(self.first), str(self.step)]
        self.process = subprocess.Popen(words, stdout=subprocess.PIPE)

    def wait(self) -> None:
        """Until its first act of this time is acknowledged."""
        assert self.process is not None and self.process.stdout is not None
        select.select([self.process.stdout], [], [], 60)

    def kill(self) -> None:
        """Kill -9, then read what it had said."""
        assert self.process is not None and self.process.stdout is not None
        self.process.kill()
        for line in self.process.stdout.read().splitlines(keepends=True):
            if line.endswith(b"\n"):
                step, said = json.loads(line)
                self.promised |= {key: (entry, index, leaf) for key, entry, index, leaf in said}
                self.step = step + 1
        self.process.wait()


class Soak:
    """One installation under load and kills."""

    def __init__(self, folder: Path, seed: int, callers: int = 6, parties: int = 2) -> None:
        self.choice = random.Random(seed)
        self.tally = Tally(seed)
        self.server = Server(folder)
        self.server.start()
        migrate(self.server.url)
        trial = Trial(self.server.url, folder)
        trial.market(SERIALS * (callers + parties) + SHARED + 1)
        self.trial = trial
        self.trial.office = dataclasses.replace(trial.office, clock=now_utc)
        self.served = Served(folder, self.server.url)
        self.served.start()
        self.callers = [Calling(self.served.caller(), number, seed) for number in range(callers)]
        self.parties = [Direct(self.server.url, folder, callers + number) for number in range(parties)]

    def run(self, kills: int, longest: float) -> Tally:
        """Load and kill so many times, each time after up to ``longest`` seconds; then audit and count."""
        for number in range(kills):
            self._begin()
            time.sleep(self.choice.uniform(0, longest))
            self._kill(WHAT[number % 3] if number < 3 else self.choice.choice(WHAT))
            self._check()
        self.served.stop()
        self.trial.close()
        self.server.stop()
        return self.tally

    def _begin(self) -> None:
        self.callers = [
            Calling(self.served.caller(), one.number, one.seed, one) if one.ident else one for one in self.callers
        ]
        for party in self.parties:
            party.start()
        for party in self.parties:
            party.wait()
        for caller in self.callers:
            caller.start()

    def _kill(self, what: str) -> None:
        self.tally.kills[what] += 1
        if what in {"application", "both"}:
            for party in self.parties:
                party.kill()
            self.served.kill()
        if what in {"database", "both"}:
            self.server.kill()
        if what == "database":
            time.sleep(self.choice.uniform(0, 0.3))
            self.server.start()  # callers and parties find it again by themselves
            time.sleep(0.5)
        self.server.start()
        self._end()
        if what != "database":
            self.served.start()

    def _end(self) -> None:
        for caller in self.callers:
            caller.resting.set()
        for party in self.parties:
            if party.process is not None and party.process.poll() is None:
                party.kill()
        for caller in self.callers:
            caller.join(60)
            assert not caller.is_alive(), "a caller waits for ever"
            caller.caller.close()

    def _check(self) -> None:
        """Send again what was not heard, audit, and compare every promise with the journal."""
        tally = self.tally
        for caller in self.callers:
            again = Calling(self.served.caller(), caller.number, caller.seed, caller)
            while again.pending:
                wish = again.pending[0]
                again._hear(wish, *again.caller.post(wish.act, wish.body, wish.keys[0] if wish.act else None))
            tally.findings += [*caller.strange, *again.strange]
            again.caller.close()
        self.trial.office.drop_connections()
        for party in self.parties:
            self._finish(party)
        _until_idle(self.trial)
        findings, tally.entries = audit_office(self.trial.office)
        tally.audits += 1
        if not is_clean(findings):
            tally.findings += [f"{item.rule}: {item.message('en')}" for item in findings]
        self._count()

    def _finish(self, party: Direct) -> None:
        """The step that a killed party may have begun is done again, under its keys."""
        party.promised |= {key: (entry, index, leaf) for key, entry, index, leaf in
                           do(self.trial.office, party.first, party.step)}  # fmt: skip
        party.step += 1

    def _count(self) -> None:
        tally = self.tally
        promised: dict[str, Said] = {}
        for worker in (*self.callers, *self.parties):
            promised |= worker.promised
        rows = self.trial.all(
            "select j.idempotency_key, j.entry_no, l.leaf_index, encode(sha256('\\x00'::bytea || l.body), 'hex')"
            " from journal j join log_leaf l on l.entry_no = j.entry_no and l.kind = 'entry'"
        )
        found = {key: (entry, index, leaf) for key, entry, index, leaf in rows}
        tally.acknowledged = len(promised)
        tally.lost = sum(found.get(key) != said for key, said in promised.items())
        tally.doubled = len(rows) - len(found) + int(self.trial.one(
            "select count(*) from (select 1 from movement where kind <> 'issue' and lower(serials) > %s"
            " group by series, serials having count(*) > 1) twice", SHARED,
        ))  # fmt: skip
        direct = sum(len(party.promised) for party in self.parties)
        tally.sent = direct + sum(caller.counts["sent"] for caller in self.callers)
        tally.refused = sum(caller.counts["refused"] for caller in self.callers)
        tally.unheard = sum(len(caller.unheard) for caller in self.callers)
        tally.unheard_and_done = sum(caller.counts["replayed"] for caller in self.callers)


def _until_idle(trial: Trial) -> None:
    """Until the transactions of killed programs are rolled back by the server."""
    for _ in range(400):
        if not trial.one(
            "select count(*) from pg_stat_activity where application_name = 'openjcm' and state <> 'idle'"
            " and pid <> pg_backend_pid()"
        ):
            return
        time.sleep(0.05)
    raise AssertionError("a killed program's transaction stays")


def main() -> int:
    """Run the rounds and print the sums."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5, help="installations, one after another")
    parser.add_argument("--kills", type=int, default=20, help="kills in each round")
    parser.add_argument("--longest", type=float, default=3.0, help="the longest load before a kill, seconds")
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    tallies = []
    for number in range(options.rounds):
        with tempfile.TemporaryDirectory() as folder:
            tallies.append(Soak(Path(folder), options.seed + number).run(options.kills, options.longest))
        print(tallies[-1], *tallies[-1].findings[:20], sep="\n  ", flush=True)
    sums = {
        name: sum(getattr(one, name) for one in tallies)
        for name in ("sent", "acknowledged", "unheard", "lost", "doubled")
    }
    kills = sum(sum(one.kills.values()) for one in tallies)
    print(f"together: {kills} kills, " + ", ".join(f"{number} {name}" for name, number in sums.items()))
    return 0 if all(one.kept for one in tallies) else 1


if __name__ == "__main__":
    sys.exit(main())
