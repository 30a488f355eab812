"""Single interval values far off their neighbours (Q31)."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from openjcm.mrv.plausibility.series import Ints, Seen, Series


def spikes(series: Series) -> Iterator[Seen]:
    """Q31: one interval value of a solar meter far above or below a smooth stretch, or far below zero.

    The three values on either side must lie on a smooth line; the middle one is off it by more than a fifth of capacity
    and by far more than their own roughness. A register shows a spike by coming back (Q11), and other loads may jump.
    """
    if series.register or series.meter.direction != "generation":
        return
    below = series.step * 20 < -series.full
    above = np.zeros(len(series), dtype=np.bool_)
    if series.meter.solar:
        off = off_the_line(series.begin, series.step, series.apart_us)
        far = np.abs(off) * 5 > series.full
        above, below = far & (off > 0), below | (far & (off < 0))
    if above.any():
        yield Seen("Q31", series.place[above])
    if below.any():
        yield Seen("Q31", series.place[below], "low")


def off_the_line(begin: Ints, step: Ints, apart_us: int) -> Ints:
    """How far each value lies off the line of its neighbours, or 0 where these are not smooth enough to tell."""
    found: Ints = np.zeros(len(step), dtype=np.int64)
    if len(step) < 7:
        return found
    values = [step[at : len(step) - 6 + at] for at in range(7)]
    middle = (values[2] + values[4]) // 2
    smooth = [*values[:3], middle, *values[4:]]
    rough = np.abs(smooth[0] - 2 * smooth[1] + smooth[2])
    for at in range(1, 5):
        rough = np.maximum(rough, np.abs(smooth[at] - 2 * smooth[at + 1] + smooth[at + 2]))
    off = values[3] - middle
    clear = (begin[6:] - begin[:-6] <= 5 * apart_us) & (np.abs(off) > 5 * rough)
    clear &= np.abs(off) > 3 * np.abs(values[4] - values[2])
    found[3:-3] = np.where(clear, off, 0)
    return found
