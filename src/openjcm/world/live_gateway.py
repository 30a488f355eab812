"""The demonstration's gateway: it sends days of the revenue meter's register again, as signed batches.

The readings are those of the register's file; the gateway is invented and its key made from public words. One batch
never arrived, so the one after it waits; one comes from a key that nobody registered and is kept apart.
"""

from __future__ import annotations

from collections.abc import Iterator

from openjcm.commands.demonstration_people import demonstration_key, demonstration_public_key
from openjcm.mrv.batch import NO_BATCH, Batch, Series, SignedBatch, sign_batch
from openjcm.mrv.mapping import Mapping
from openjcm.mrv.readings import read_meter_file
from openjcm.world import tables
from openjcm.world.storage_site import Planned

NAME, STRANGER = "XD001-plant", "XD001-unknown"
DAYS, LOST = 5, 4
"""Days that are sent, a batch for each; the one that never arrived."""
DAY_US, MINUTE_US = 86_400_000_000, 60_000_000
SINCE = "2022-09-14T00:00:00+08:00"
OLD = 3_660
"""Days that a reading may be old: the demonstration's lie years back, where another gateway's would be late."""


def acts(project: str, meter: str) -> Iterator[Planned]:
    """The acts that put the gateway and its key on record."""
    registration = {
        "gateway": NAME, "project": project, "meters": [meter], "meters_since": SINCE, "late_after_days": OLD,
        "occurred_on": "2024-11-05",
    }  # fmt: skip
    yield "gateway", "register_gateway", registration
    key = {"gateway": NAME, "public_key": demonstration_public_key(NAME), "valid_since": SINCE}
    yield "gateway/key", "register_gateway_key", {**key, "occurred_on": "2024-11-05"}


def lines(file: str, mapping: Mapping, meter: str) -> list[str]:
    """What arrives: signed batches, without the one that was lost, and a stranger's."""
    made = list(_batches(NAME, file, mapping, meter))
    stranger = next(_batches(STRANGER, file, mapping, meter))
    return [batch.line for batch in (*made, stranger) if batch is not made[LOST - 1]]


def _batches(gateway: str, file: str, mapping: Mapping, meter: str) -> Iterator[SignedBatch]:
    """The first days of the register, each a batch that names the one before it."""
    readings = read_meter_file(tables.data_bytes(file), file, mapping)
    t_us, value = (readings.column(name)[readings.slices[meter]] for name in ("t_us", "value"))
    previous = NO_BATCH
    for number in range(DAYS):
        begin = int(t_us[0]) + number * DAY_US
        inside = (begin <= t_us) & (t_us < begin + DAY_US)
        series = Series(meter, readings.kind, readings.least_unit, t_us[inside].tolist(), value[inside].tolist())
        batch = Batch(gateway, number + 1, previous, series.t_us[-1] + MINUTE_US, (series,))
        signed = sign_batch(batch, demonstration_key(gateway))
        previous = signed.sha256
        yield signed
