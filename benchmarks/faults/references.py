"""What the field's libraries make of the cases. Runs in an environment of its own (requirements-faults.lock).

    python references.py CASES.npz OUT.npz

A register is shown to them as its differences. Their default parameters are used where they have any. ``pvanalytics``:
values that stand still (``stale_values_diff``), straight lines (``interpolation_diff``), and outliers (``zscore``).
``pecos``: timestamps that repeat, the range from -5 % to 105 % of capacity, and no movement within six values
(``check_increment``).
"""

from __future__ import annotations

import sys
import time
import warnings

import numpy as np
import pandas as pd

warnings.filterwarnings("ignore")


def by_pvanalytics(series: pd.Series) -> np.ndarray:
    """Rows that pvanalytics marks."""
    from pvanalytics.quality import gaps, outliers

    marks = gaps.stale_values_diff(series) | gaps.interpolation_diff(series)
    return (marks | outliers.zscore(series)).fillna(False).to_numpy(dtype=bool)


def by_pecos(series: pd.Series, full: float, seconds: int) -> np.ndarray:
    """Rows that pecos marks."""
    import pecos

    monitor = pecos.monitoring.PerformanceMonitoring()
    repeated = series.index.duplicated(keep="first")
    monitor.add_dataframe(pd.DataFrame({"value": series[~repeated]}))
    monitor.check_timestamp(seconds)
    monitor.check_range([-0.05 * full, 1.05 * full], "value")
    monitor.check_increment([1e-12, None], "value", increment=5, min_failures=1)
    mask = monitor.mask["value"] if "value" in monitor.mask else pd.Series(True, index=monitor.df.index)
    bad = ~mask.reindex(series.index.unique()).fillna(True)
    return repeated | bad.reindex(series.index).fillna(False).to_numpy(dtype=bool)


def main(source: str, target: str) -> None:
    """Mark all cases and write the marks with the seconds that each library took."""
    data, out, spent = np.load(source), {}, {"pvanalytics": 0.0, "pecos": 0.0}
    for number in range(int(data["count"])):
        seconds, values = data[f"seconds_{number}"], data[f"values_{number}"].astype(float)
        full, interval, register = data[f"facts_{number}"]
        order = np.argsort(seconds, kind="stable")
        index = pd.to_datetime(seconds[order], unit="s")  # pecos 1.0.0 fails on an index with a zone
        shown = np.diff(values[order], prepend=values[order][:1]) if register else values[order]
        series = pd.Series(shown, index=index)
        for name in spent:
            began = time.perf_counter()
            marks = np.zeros(len(values), dtype=bool)
            try:
                marks[order] = (
                    by_pvanalytics(series) if name == "pvanalytics" else by_pecos(series, float(full), int(interval))
                )
            except Exception as error:
                print(f"{name} failed on case {number}: {type(error).__name__} {error}"[:160], file=sys.stderr)
            spent[name] += time.perf_counter() - began
            out[f"{name}_{number}"] = marks
    np.savez_compressed(target, **out, spent=np.array(list(spent.values())))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
