"""Meter by day: each cell is what the report says of that day, and ten thousand meters are quick."""

from __future__ import annotations

import struct
import zlib
from datetime import date
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from fastapi.testclient import TestClient

from loaded_record import LoadedRecord
from openjcm.refusals import Refused
from openjcm.views import completeness as module
from openjcm.views.completeness import STATES, completeness, completeness_of
from openjcm.views.period_report import period_report
from openjcm.web.app import create_app
from openjcm.web.charts.heat_map import heat_map

PAGE = "/en/projects/XD001/periods/2022-03-06/completeness"


def body_of(
    measured: list[list[int]], bridged: list[list[int]], gaps: list[str], readings: list[list[int]] | None = None
) -> dict[str, Any]:
    """A report's body as far as it is looked at: meters M0000, M0001 … in one month.

    Where it is not said, a day has readings if energy was measured.
    """
    readings = readings or measured
    names = [f"M{place:04d}" for place in range(len(measured))]
    days = len(measured[0])
    end = date.fromordinal(date(2023, 1, 1).toordinal() + days - 1).isoformat()
    return {
        "project": "XD001",
        "monitoring_period": {"start": "2023-01-01", "end": end},
        "daily": [
            {
                "meter": name,
                "first_day": "2023-01-01",
                "measured_wh": measured[place],
                "bridged_wh": bridged[place],
                "readings": readings[place],
            }
            for place, name in enumerate(names)
        ],
        "energy": [
            {"meter": name, "period_seconds": str(86400 * days), "gap_seconds": gaps[place]}
            for place, name in enumerate(names)
        ],
    }


def test_a_cell_is_what_its_day_rests_on() -> None:
    body = body_of([[5, 5, 0, 0, 0]], [[0, 3, 7, 0, 0]], ["108000"], [[96, 90, 0, 0, 96]])
    found = completeness_of("x", body)
    assert [STATES[place] for place in found.states[0]] == ["measured", "both", "bridged", "none", "zero"]
    assert found.shares == (Fraction(3, 4),)
    assert found.counts == {"measured": 1, "zero": 1, "both": 1, "bridged": 1, "cannot_tell": 0, "none": 1}
    assert found.worst_meters == (("M0000", Fraction(3, 4), 1),)
    assert found.worst_days == ((date(2023, 1, 4), 1),)
    assert found.last_day == date(2023, 1, 5)


def test_an_older_report_does_not_tell_a_day_of_zeros_from_one_without_readings() -> None:
    body = body_of([[5, 0, 0]], [[0, 3, 0]], ["0"])
    del body["daily"][0]["readings"]
    found = completeness_of("x", body)
    assert [STATES[place] for place in found.states[0]] == ["measured", "bridged", "cannot_tell"]
    assert found.worst_days == ((date(2023, 1, 3), 1),)


def test_a_meter_without_figures_by_day_has_none_and_is_not_left_out() -> None:
    body = body_of([[5, 5], [5, 5]], [[0, 0], [0, 0]], ["0", "172800"])
    body["daily"].pop()
    found = completeness_of("x", body)
    assert [STATES[place] for place in found.states[1]] == ["none", "none"]
    assert found.shares == (1, 0)


def test_each_meter_is_in_one_band_and_the_least_covered_come_first() -> None:
    gaps = ["0", "1", "4320", "4321", "17280", "43200", "43201", "86400"]
    found = completeness_of("x", body_of([[1]] * 8, [[0]] * 8, gaps))
    assert [count for _, _, count in found.bands] == [1, 2, 2, 1, 2]
    assert [name for name, _, _ in found.worst_meters][:3] == ["M0007", "M0006", "M0005"]


def test_a_row_of_several_meters_shows_the_worst_of_them() -> None:
    found = completeness_of("x", body_of([[5, 5], [5, 0], [0, 5]], [[0, 0], [0, 1], [0, 0]], ["0"] * 3))
    none, bridged = STATES.index("none"), STATES.index("bridged")
    assert found.rows(0, 600, 2).tolist() == [[0, bridged], [none, 0]]
    assert found.rows(1, 1, 1).tolist() == [[0, bridged]]


def test_the_demonstration_is_the_reports_own(connection: Any) -> None:
    sha256 = connection.execute("select report_sha256 from monitoring_report").fetchone().report_sha256
    found, shown = completeness(connection, sha256), period_report(connection, sha256)
    assert dict(zip(found.meters, found.shares, strict=True)) == shown.completeness()
    assert found.counts["none"] > found.counts["zero"] > 0, "both stand in the real readings"
    days = (date(2022, 10, 14) - date(2022, 3, 6)).days + 1
    assert (found.days, sum(found.counts.values())) == (days, 2 * days)
    with pytest.raises(Refused, match="report_not_on_record"):
        completeness(connection, "0" * 64)


def unpacked(picture: bytes) -> tuple[int, int, np.ndarray[Any, Any]]:
    """Width, height and cells of a PNG with a palette; every chunk's checksum is tried."""
    assert picture[:8] == b"\x89PNG\r\n\x1a\n"
    at, chunks = 8, {}
    while at < len(picture):
        (length,) = struct.unpack(">I", picture[at : at + 4])
        kind, data = picture[at + 4 : at + 8], picture[at + 8 : at + 8 + length]
        assert struct.unpack(">I", picture[at + 8 + length : at + 12 + length])[0] == zlib.crc32(kind + data)
        chunks[kind] = data
        at += 12 + length
    wide, tall = struct.unpack(">II", chunks[b"IHDR"][:8])
    lines = np.frombuffer(zlib.decompress(chunks[b"IDAT"]), dtype=np.uint8).reshape(tall, wide + 1)
    assert not lines[:, 0].any()
    assert chunks[b"PLTE"] == bytes.fromhex("00ff0010aa20")
    return wide, tall, lines[:, 1:]


def test_the_picture_holds_the_cells() -> None:
    cells = np.random.default_rng(5).integers(0, 2, (7, 31)).astype(np.uint8)
    wide, tall, pixels = unpacked(heat_map(cells, ["#00ff00", "#10aa20"]))
    assert (wide, tall) == (31 * 32, 7 * 40)
    assert np.array_equal(pixels[::40, ::32], cells)
    assert unpacked(heat_map(np.zeros((2000, 1500), dtype=np.uint8), ["#00ff00", "#10aa20"]))[:2] == (1500, 2000)


def test_ten_thousand_meters_and_a_year_fit_on_a_page(record: LoadedRecord, monkeypatch: pytest.MonkeyPatch) -> None:
    dice = np.random.default_rng(7)
    measured = (dice.random((10_000, 365)) > 0.02).astype(int).tolist()
    bridged = (dice.random((10_000, 365)) > 0.97).astype(int).tolist()
    body = body_of(measured, bridged, [str(place) for place in range(10_000)])
    large = completeness_of("y" * 64, body)
    monkeypatch.setattr(module, "completeness_of", lambda *_: large)
    monkeypatch.setattr(module, "_KEPT", {})
    app = create_app(record.url)
    app.state.office = record.office
    with TestClient(app) as client:
        for path in (PAGE, f"{PAGE}.png", f"{PAGE}?from=9600", f"{PAGE}.png?from=9600"):
            found = client.get(path)
            assert found.status_code == 200
            assert len(found.content) < 200_000, path
        page = client.get(PAGE).text
        assert "17 neighbouring meters" in page
        assert f'src="{PAGE}.png"' in page
        assert f'src="{PAGE}.png?from=9600"' in client.get(f"{PAGE}?from=9600").text
        for wrong in ("10000", "-1", "x", "1" * 30, "\u0661"):
            assert client.get(PAGE, params={"from": wrong}).status_code == 404
        assert client.get(PAGE.replace("03-06", "03-07")).status_code == 404
        assert client.get(f"{PAGE}.png".replace("XD001", "XD002")).status_code == 404
        tag = client.get(f"{PAGE}.png").headers["etag"]
        assert client.get(f"{PAGE}.png", headers={"if-none-match": tag}).status_code == 304


def test_names_of_meters_stay_texts(record: LoadedRecord, monkeypatch: pytest.MonkeyPatch) -> None:
    body = body_of([[0]] * 601, [[0]] * 601, ["86400"] * 601)
    text = '"><svg onload=alert(1)>/../'
    for part in ("daily", "energy"):
        body[part][600]["meter"] = text
    hostile = completeness_of("z" * 64, body)
    monkeypatch.setattr(module, "completeness_of", lambda *_: hostile)
    monkeypatch.setattr(module, "_KEPT", {})
    with TestClient(create_app(record.url)) as client:
        for path in (PAGE, f"{PAGE}?from=0"):
            page = client.get(path).text
            assert "<svg onload" not in page
            assert "&lt;svg onload" in page
