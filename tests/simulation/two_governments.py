"""Two governments against each other: random acts on both sides, cuts, killed processes, lost answers; then all agree.

    make twins ARGS="seconds seed"        (60 seconds, seed 1)

Two installations serve, each with its own database, data folder and keys, and tell each other over HTTP. Meanwhile
each does random acts of its own; now and then one is killed (SIGKILL) and started again, or what was acknowledged is
forgotten, so that notices come once more. At the end every outbox must come to rest, each side's reconciliation must
find nothing, and both audits must be clean.
"""

from __future__ import annotations

import random
import shutil
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from installations import Installation, wait_for

_PICK = """
    select h.series, lower(h.serials), upper(h.serials) - 1, h.account_id
    from holding h join account a using (account_id)
    where a.account_type in ('government_holding', 'entity_holding') order by random() limit 1
"""


class Government:
    """One side with what it still has to record."""

    def __init__(self, installation: Installation, chance: random.Random, done: Counter[str]) -> None:
        self.installation, self.chance, self.done = installation, chance, done
        self.to_decide: list[str] = []
        self.to_issue: list[str] = []

    def act(self) -> None:
        """One random act of its own."""
        party = self.installation.party
        if self.to_decide:
            self.installation.decide(self.to_decide[0], "2025-01-10", 1000, 500)  # if cut, it is repeated
            self.to_issue.append(self.to_decide.pop(0))
            self.done["decide_issuance"] += 1
        elif self.to_issue and self.chance.random() < 0.5:
            self._do("issue", decision_id=self.to_issue[0], side=party)
            self.to_issue.pop(0)
        else:
            self._move(party)

    def _move(self, party: str) -> None:
        found = self.installation.sql(_PICK)
        if not found:
            return
        series, first, last, account = found[0]
        start = self.chance.randint(first, last)
        end = min(last, start + self.chance.randint(0, 40))
        blocks = [f"JCM-{series}-{start}-{end}"]
        kind = self.chance.choice(["transfer", "transfer", "retire", "cancel"])
        if kind == "transfer":
            other = "company" if account.endswith("government") else "government"
            self._do("transfer", blocks=blocks, target_account=f"{party}/{other}")
        elif kind == "retire":
            self._do("retire", blocks=blocks, retirement_account=f"{party}/retirement", used_for_year=2030,
                     purpose="ndc")  # fmt: skip
        else:
            self._do("cancel", blocks=blocks, cancellation_account=f"{party}/cancellation", purpose="other", reason="r")

    def _do(self, act: str, **fields: object) -> None:
        answer = self.installation.act(act, "2025-04-01", **fields)
        self.done[act if "entry_no" in answer else f"refused: {answer.get('code')}"] += 1


def disturb(one: Installation, chance: random.Random, done: Counter[str]) -> None:
    """Something goes wrong with one side."""
    kind = chance.choice(["killed", "killed", "acknowledgements forgotten"])
    done[kind] += 1
    if kind == "killed":
        assert one.process is not None
        one.process.kill()
        one.process.wait()
        time.sleep(chance.random() * 3)
        one.start()
    elif kind == "acknowledgements forgotten":
        one.sql("update notice_delivery set acknowledged = (acknowledged * random())::bigint")


def alive(one: Installation) -> bool:
    """Whether it answers at the moment."""
    try:
        return one._answers()
    except AssertionError:
        return False


def outstanding(one: Installation) -> int:
    """Notices that the other has not acknowledged."""
    query = "select (select count(*) from notice_out) - coalesce((select sum(acknowledged) from notice_delivery), 0)"
    return int(one.sql(query)[0][0])


def play(governments: list[Government], seconds: float, chance: random.Random, done: Counter[str]) -> None:
    """Random acts and disturbances; at the end each does what it still has to."""
    until, decisions = time.monotonic() + seconds, 0
    while time.monotonic() < until:
        if chance.random() < 0.02:
            decisions += 1
            for government in governments:
                government.to_decide.append(f"D{decisions}")
        if chance.random() < 0.004:
            disturb(chance.choice(governments).installation, chance, done)
        government = chance.choice(governments)
        if alive(government.installation):
            try:
                government.act()
            except OSError:
                done["cut in the middle of an act"] += 1
    for government in governments:
        government.installation.ready()
        while government.to_decide or government.to_issue:
            government.act()


def compare(both: list[Installation], done: Counter[str]) -> None:
    """Everything came to rest, and both sides say the same."""
    for one in both:
        wait_for(lambda one=one: outstanding(one) == 0, 120, 0.2)  # type: ignore[misc]
    for here, there in (both, both[::-1]):
        outcome = here.reconcile(there)
        assert outcome["agrees"] and outcome["under_way"] == 0, outcome
        assert here.audit() == []
        done["notices"] += here.received()
        done["journal entries"] += int(here.sql("select count(*) from journal")[0][0])


def run(seconds: float, seed: int) -> Counter[str]:
    """The whole trial; gives what happened."""
    chance, done = random.Random(seed), Counter[str]()
    command = [shutil.which("openjcm", path=str(Path(sys.executable).parent)) or "openjcm"]
    folder = Path(tempfile.mkdtemp())
    both = [Installation(party, folder / party, command) for party in ("JPN", "MNG")]
    try:
        for one in both:
            one.start()
        for one in both:
            one.ready()
            one.open_own()
        both[0].knows(both[1])
        both[1].knows(both[0])
        for one in both:
            one.authorize()
        play([Government(one, chance, done) for one in both], seconds, chance, done)
        compare(both, done)
    finally:
        for one in both:
            one.stop()
            one.run("db", "stop", code=None)
        shutil.rmtree(folder, ignore_errors=True)
    return done


def main() -> None:
    """Run, and print what happened."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 60
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    done = run(seconds, seed)
    for name, count in sorted(done.items()):
        print(f"{count:7,}  {name}")
    print("every outbox at rest, both reconciliations without a difference, both audits clean")


if __name__ == "__main__":
    main()
