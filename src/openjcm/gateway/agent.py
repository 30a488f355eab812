"""The gateway at work: read what is due, seal it, forward what waits; wait longer after each failure, and go on."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from openjcm.gateway.config import GatewayConfig, SunSpecConfig
from openjcm.gateway.forward import Forwarder, HttpForwarder, NotDelivered
from openjcm.gateway.sources import Say, poll_folder, read_device
from openjcm.gateway.spool import Spool

DAY_US = 86_400_000_000
IN_ONE_SENDING = 200
"""Batches that are sent before their answers are waited for."""
SHORTEST_WAIT, LONGEST_WAIT = 2, 600
"""Seconds before the next try to forward, doubled with each failure."""
NOT_KEPT = {"not_taken", "not_understood"}
CLOCK_SECONDS = 30
"""A difference from the receiver's clock that is told."""
STRANGER = {"B01", "B02"}
"""Findings that say only that the receiver does not know this key: what was sent is not kept there, and sent again."""
STOPS = {"B06", "B07"}
"""Findings after which this chain cannot go on: the receiver knows another one of the same key."""


def clock_us() -> int:
    """UTC microseconds now, by this machine's clock."""
    return time.time_ns() // 1_000


@dataclass
class Agent:
    """One gateway. ``step`` does what is due now; ``run`` steps until it is told to end."""

    config: GatewayConfig
    spool: Spool
    forwarder: Forwarder
    say: Say
    clock: Callable[[], int] = clock_us
    _read_at: dict[SunSpecConfig, int] = field(default_factory=dict, init=False)
    _sealed_at: int = field(default=0, init=False)
    _forward_at: float = field(default=0.0, init=False)
    _failures: int = field(default=0, init=False)
    _told: set[str] = field(default_factory=set, init=False)

    def run(self, ends: Callable[[], bool]) -> None:
        """Work until told to end; what is begun is finished."""
        while not ends():
            self.step()
            for _ in range(10):
                if ends():
                    return
                time.sleep(0.1)

    def step(self, *, at_once: bool = False) -> None:
        """Read, seal and forward what is due; all of it ``at_once`` where that is asked."""
        self.read(at_once)
        now = self.clock()
        if at_once or now // (self.config.every_seconds * 1_000_000) != self._sealed_at:
            self._sealed_at = now // (self.config.every_seconds * 1_000_000)
            while self.spool.seal(now, self.config.most_readings) is not None:
                pass
            self.spool.forget(self._oldest())
        if at_once or time.monotonic() >= self._forward_at:
            self.forward()

    def _oldest(self) -> int:
        return self.clock() - self.config.keep_days * DAY_US

    def read(self, at_once: bool = False) -> None:
        """Look into the folders, and ask the devices whose time has come, at whole multiples of their interval."""
        for folder in self.config.folders:
            poll_folder(folder, self.spool, self._oldest(), self.say)
        for device in self.config.devices:
            turn = self.clock() // (device.every_seconds * 1_000_000)
            if at_once or self._read_at.get(device) != turn:
                self._read_at[device] = turn
                self.spool.keep(read_device(device, self.clock, self.say), self._oldest())

    def forward(self) -> None:
        """Send what waits, oldest first, until nothing waits or nothing comes back."""
        try:
            while waiting := self.spool.unanswered(IN_ONE_SENDING):
                self._send([line for _, line in waiting])
        except NotDelivered as error:
            self._failures += 1
            longest = min(LONGEST_WAIT, SHORTEST_WAIT * 2 ** min(self._failures - 1, 10))
            wait = longest * random.uniform(0.5, 1)  # noqa: S311 - so that gateways do not all come back at once
            self._forward_at = time.monotonic() + wait
            count = self.spool.counts().get("batches_waiting", 0)
            self.say(
                f"not delivered, {count} batches wait, next try in {wait:.0f} s: {error}",
                f"送信できません。{count} 件が待機中、{wait:.0f} 秒後に再試行します: {error}",
            )
        else:
            self._failures, self._forward_at = 0, 0.0

    def _send(self, lines: list[str]) -> None:
        answers = self.forwarder.send(lines)
        kept, settled = [], []
        for answer in answers:
            number = self.spool.number_of(str(answer.get("sha256", "")))
            if number is None or answer.get("status") in NOT_KEPT or answer.get("rule") in STRANGER:
                kept.append(f"{answer.get('status')} {answer.get('rule', '')}".strip())
                continue
            settled.append((number, answer))
        self.spool.answered(settled)
        for number, answer in settled:
            self._tell(number, answer)
        self._compare_clocks()
        if not settled:
            raise NotDelivered(f"the receiver took none of {len(lines)} batches: {', '.join(sorted(set(kept)))}")

    def _tell(self, number: int, answer: dict[str, object]) -> None:
        finding = answer.get("finding")
        if answer.get("status") != "quarantined" or not isinstance(finding, dict):
            return
        message = finding.get("message", {})
        self.say(
            f"batch {number} is kept apart: {message.get('en')}",
            f"バッチ {number} は隔離されました: {message.get('ja')}",
        )
        if answer.get("rule") in STOPS and "chain" not in self._told:
            self._told.add("chain")
            self.say(
                "the receiver knows another chain of this key: stop this gateway and give it a new key",
                "受信側はこの鍵の別の連鎖を記録しています。ゲートウェイを停止し、新しい鍵を登録してください",
            )

    def _compare_clocks(self) -> None:
        if isinstance(self.forwarder, HttpForwarder) and self.forwarder.received_us:
            seconds = (self.clock() - self.forwarder.received_us) // 1_000_000
            if abs(seconds) > CLOCK_SECONDS:
                self.say(
                    f"this clock differs by {seconds} s from the receiver's; set it (NTP)",
                    f"この機器の時計は受信側と {seconds} 秒ずれています。NTP で合わせてください",
                )
