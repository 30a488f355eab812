"""Batches made for tests: a gateway that counts, chains and signs as the program does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from openjcm.mrv.batch import NO_BATCH, Batch, Series, SignedBatch, sign_batch
from openjcm.signed import key_id_of, public_text

HOUR = 3_600_000_000
QUARTER = HOUR // 4
START = 1_767_225_600_000_000
"""2026-01-01T00:00:00Z."""


@dataclass
class TrialGateway:
    """A gateway with a key made from a number."""

    name: str = "roof"
    seed: int = 1
    meter: str = "M1"
    sequence: int = 0
    head: str = NO_BATCH
    key: Ed25519PrivateKey = field(init=False)

    def __post_init__(self) -> None:
        self.key = Ed25519PrivateKey.from_private_bytes(self.seed.to_bytes(32, "big"))

    @property
    def public_key(self) -> str:
        return public_text(self.key.public_key())

    @property
    def key_id(self) -> str:
        return key_id_of(self.public_key)

    def series(self, first_us: int, count: int = 4, value: int = 1000, meter: str | None = None) -> Series:
        """A register that grows by 10 Wh a quarter of an hour."""
        t_us = [first_us + step * QUARTER for step in range(count)]
        return Series(meter or self.meter, "cumulative", "Wh", t_us, [value + 10 * step for step in range(count)])

    def batch(
        self, first_us: int | None = None, *, created_us: int | None = None, previous: str | None = None,
        sequence: int | None = None, series: Sequence[Series] | None = None, gateway: str | None = None,
    ) -> SignedBatch:  # fmt: skip
        """The next batch: four readings of an hour, made right after the last of them."""
        number = self.sequence + 1 if sequence is None else sequence
        start = START + (number - 1) * HOUR if first_us is None else first_us
        parts = tuple(series or (self.series(start, value=1000 + 40 * (number - 1)),))
        made = parts[-1].t_us[-1] + 1_000_000 if created_us is None else created_us
        before = self.head if previous is None else previous
        signed = sign_batch(Batch(gateway or self.name, number, before, made, parts), self.key)
        if sequence is None:
            self.sequence, self.head = number, signed.sha256
        return signed

    def batches(self, count: int) -> list[SignedBatch]:
        """The next batches."""
        return [self.batch() for _ in range(count)]
