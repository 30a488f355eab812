"""The bundle: the same parts give the same bytes, and whatever is changed in it is named."""

from __future__ import annotations

import contextlib
import io
import json
import random
import zipfile
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from openjcm.canonical import canonical_bytes, sha256_hex
from openjcm.dated import Answer
from openjcm.methodologies import methodology
from openjcm.mrv.readings import readings_from_parquet
from openjcm.project_cycle.bundle import Bundle, read_bundle, write_bundle
from openjcm.refusals import Refused
from openjcm.verification.recalculation import Recalculation, first_changed_reading, verify_bundle


def verify(bundle: Bundle | bytes) -> Recalculation:
    return verify_bundle(bundle if isinstance(bundle, bytes) else write_bundle(bundle), methodology)


def by_name(result: Recalculation) -> dict[str, Answer]:
    return {check.name.split()[0]: check.answer for check in result.checks}


def detail(result: Recalculation, name: str) -> str:
    return next(check.en for check in result.checks if check.name.startswith(name))


def test_an_honest_bundle_is_recomputed_byte_equal(story: Any) -> None:
    result = verify(story.bundle())
    assert result.answer is Answer.YES
    assert set(by_name(result)) == {"members", "plan", "methodology", "file", "readings", "result"}
    assert "6 tCO2e" in detail(result, "result")
    assert result.report_sha256 == sha256_hex(story.report())


def test_the_same_parts_give_the_same_bytes_in_any_order(story: Any) -> None:
    bundle = story.bundle()
    turned = replace(bundle, files=dict(reversed(bundle.files.items())), proofs=dict(reversed(bundle.proofs.items())))
    assert write_bundle(bundle) == write_bundle(turned)


def test_a_bundle_comes_back_as_it_went(story: Any) -> None:
    bundle = story.bundle()
    opened = read_bundle(write_bundle(bundle))
    assert opened.bundle == bundle
    assert opened.changed == ()
    assert opened.manifest["report_sha256"] == sha256_hex(bundle.report)


def only(parts: Any) -> Any:
    ((name, data),) = parts.items()
    return name, data


def test_shuffled_rows_are_another_file_with_the_same_readings_and_result(story: Any) -> None:
    bundle = story.bundle()
    sha256, data = only(bundle.files)
    head, *rows = data.decode().splitlines()
    random.Random(3).shuffle(rows)
    result = verify(replace(bundle, files={sha256: "\n".join([head, *rows, ""]).encode()}))
    answers = by_name(result)
    assert answers["file"] is Answer.NO
    assert answers["readings"] is Answer.YES
    assert answers["result"] is Answer.YES
    assert "byte for byte" in detail(result, "result")
    assert "other bytes" not in detail(result, "readings")
    assert result.answer is Answer.NO


def test_a_changed_reading_is_named_with_meter_time_and_both_values(story: Any) -> None:
    bundle = story.bundle()
    sha256, data = only(bundle.files)
    result = verify(replace(bundle, files={sha256: data.replace(b"2021-12-30 05:00,1500", b"2021-12-30 05:00,1501")}))
    assert by_name(result)["readings"] is Answer.NO
    # 05:00 in Mongolia (UTC+8) is 21:00 UTC of the day before.
    assert detail(result, "readings") == ("meter M1 at 2021-12-29T21:00:00Z: stored 1500 kWh, the file gives 1501")
    assert "M1" in next(check.ja for check in result.checks if check.name.startswith("readings"))


def test_a_changed_last_reading_changes_the_result_and_says_where(story: Any) -> None:
    bundle = story.bundle()
    sha256, data = only(bundle.files)
    result = verify(replace(bundle, files={sha256: data.replace(b",10600\n", b",10700\n")}))
    assert by_name(result)["result"] is Answer.NO
    assert "the report says" in detail(result, "result")


@pytest.mark.parametrize("edit", ["removed", "added"])
def test_a_removed_or_added_reading_is_named(story: Any, edit: str) -> None:
    bundle = story.bundle()
    sha256, data = only(bundle.files)
    row = b"2021-12-30 05:00,1500\n"
    other = data.replace(row, b"") if edit == "removed" else data.replace(row, row + b"2021-12-30 05:30,1550\n")
    text = detail(verify(replace(bundle, files={sha256: other})), "readings")
    assert "—" in text
    assert ("stored 1500" if edit == "removed" else "the file gives 1550") in text


def test_readings_changed_together_with_their_file_are_still_named(story: Any) -> None:
    bundle = story.bundle()
    sha256, data = only(bundle.files)
    other = story.with_file(data.replace(b",1500\n", b",1501\n")).bundle()
    forged = replace(bundle, files={sha256: only(other.files)[1]}, readings={sha256: only(other.readings)[1]})
    result = verify(forged)
    assert by_name(result)["file"] is Answer.NO
    assert by_name(result)["readings"] is Answer.NO
    assert "the report names" in detail(result, "readings")


def test_a_report_changed_with_its_manifest_is_named(story: Any) -> None:
    bundle = story.bundle()
    data = json.loads(bundle.report)
    data["emission_reductions"] = 7
    result = verify(replace(bundle, report=canonical_bytes(data)))
    assert by_name(result)["result"] is Answer.NO
    assert detail(result, "result") == "/emission_reductions: the report says 7, the rerun gives 6"


def test_another_plan_is_named(story: Any, make_plan: Any) -> None:
    other = canonical_bytes(make_plan(project="XD003").as_data())
    result = verify(replace(story.bundle(), plan=other))
    assert by_name(result)["plan"] is Answer.NO
    assert by_name(result)["result"] is Answer.NO


@pytest.mark.parametrize("plan", [b"no JSON", b"[" * 100_000, b"{}"])
def test_a_plan_that_is_none_is_refused(story: Any, plan: bytes) -> None:
    assert code_of(write_bundle(replace(story.bundle(), plan=plan)))[0] == "plan_not_understood"


def test_a_changed_methodology_text_is_named_and_never_executed(story: Any) -> None:
    result = verify(replace(story.bundle(), methodology_text=b"raise SystemExit('executed')"))
    assert by_name(result)["methodology"] is Answer.NO
    assert by_name(result)["result"] is Answer.YES


def test_a_report_made_with_another_text_cannot_be_told(story: Any) -> None:
    bundle = story.bundle()
    data = json.loads(bundle.report)
    text = b"# another text"
    data["methodology"]["source_sha256"] = sha256_hex(text)
    result = verify(replace(bundle, report=canonical_bytes(data), methodology_text=text))
    assert result.answer is Answer.CANNOT_TELL
    assert "is not the one" in detail(result, "result")


def test_a_methodology_that_is_not_installed_cannot_be_told(story: Any) -> None:
    bundle = story.bundle()
    data = json.loads(bundle.report)
    data["methodology"]["id"] = "ZZ_AM001"
    assert by_name(verify(replace(bundle, report=canonical_bytes(data))))["result"] is Answer.CANNOT_TELL


# Structure


def repack(data: bytes, change: Callable[[dict[str, bytes]], None], **options: Any) -> bytes:
    """A ZIP file with the members of a bundle after a change, in the bundle's own form unless options say otherwise."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        members = {name: archive.read(name) for name in archive.namelist()}
    change(members)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", options.get("compression", zipfile.ZIP_STORED)) as archive:
        for name in sorted(members):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.external_attr, entry.create_system = 0o644 << 16, 3
            entry.compress_type = options.get("compression", zipfile.ZIP_STORED)
            archive.writestr(entry, members[name])
        for name in options.get("twice", ()):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            archive.writestr(entry, members[name])
    return out.getvalue()


def code_of(data: bytes) -> tuple[str, str]:
    with pytest.raises(Refused) as refused:
        verify(data)
    assert refused.value.message("ja")
    return refused.value.code, refused.value.message("en")


def test_a_member_changed_under_the_old_manifest_is_named(story: Any) -> None:
    data = write_bundle(story.bundle())
    result = verify(repack(data, lambda members: members.update({"proofs/entry-7.json": b"{}"})))
    assert by_name(result)["members"] is Answer.NO
    assert detail(result, "members") == "changed: proofs/entry-7.json"


@pytest.mark.parametrize("name", ["bundle.json", "report.json", "plan.json", "methodology.py"])
def test_a_missing_member_is_refused_by_name(story: Any, name: str) -> None:
    code, text = code_of(repack(write_bundle(story.bundle()), lambda members: members.pop(name)))
    assert code == "bundle_member_missing"
    assert name in text


@pytest.mark.parametrize("folder", ["files/", "readings/", "proofs/"])
def test_a_missing_file_is_refused_by_name(story: Any, folder: str) -> None:
    def drop(members: dict[str, bytes]) -> None:
        del members[next(name for name in members if name.startswith(folder))]

    assert code_of(repack(write_bundle(story.bundle()), drop))[0] == "bundle_member_missing"


def test_a_file_that_report_and_manifest_name_but_nobody_packed_is_refused(story: Any) -> None:
    assert code_of(write_bundle(replace(story.bundle(), files={})))[0] == "bundle_member_missing"
    assert code_of(write_bundle(replace(story.bundle(), readings={})))[0] == "bundle_member_missing"


@pytest.mark.parametrize(
    "name",
    ["../evil.py", "/etc/passwd", "files/../../x", "files/short", "proofs/a/b.json", "README", "files/", "C:\\x"],
)
def test_a_name_that_no_bundle_holds_is_refused(story: Any, name: str) -> None:
    code, _ = code_of(repack(write_bundle(story.bundle()), lambda members: members.update({name: b"x"})))
    assert code == "bundle_member_refused"


def test_a_bundle_is_not_written_with_a_wrong_name(story: Any) -> None:
    with pytest.raises(Refused) as refused:
        write_bundle(replace(story.bundle(), proofs={"../x": b""}))
    assert refused.value.code == "bundle_member_refused"


def test_a_member_that_the_manifest_does_not_name_is_refused(story: Any) -> None:
    data = repack(write_bundle(story.bundle()), lambda members: members.update({"files/" + "0" * 64: b"x"}))
    assert code_of(data)[0] == "bundle_member_refused"


def test_a_compressed_member_is_refused_so_nothing_can_swell(story: Any) -> None:
    bomb = repack(
        write_bundle(story.bundle()),
        lambda members: members.update({"files/" + "0" * 64: b"\0" * 50_000_000}),
        compression=zipfile.ZIP_DEFLATED,
    )
    assert len(bomb) < 200_000
    code, text = code_of(bomb)
    assert code == "bundle_member_refused"
    assert "compressed" in text


def test_a_duplicate_member_is_refused(story: Any) -> None:
    with pytest.warns(UserWarning, match="Duplicate"):
        data = repack(write_bundle(story.bundle()), lambda members: None, twice=["report.json"])
    code, text = code_of(data)
    assert code == "bundle_member_refused"
    assert "report.json" in text


def test_too_many_members_are_refused(story: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("openjcm.project_cycle.bundle.MEMBERS_MAX", 3)
    assert code_of(write_bundle(story.bundle()))[0] == "bundle_not_understood"


@pytest.mark.parametrize("data", [b"", b"PK", b"PK\x05\x06" + b"\0" * 18, b"no zip at all"])
def test_bytes_that_are_no_bundle_are_refused(data: bytes) -> None:
    assert code_of(data)[0] in {"bundle_not_understood", "bundle_member_missing"}


@pytest.mark.parametrize("manifest", [b"{}", b"[]", b"x", b'{"members":{"a":1}}', b'{ "schema": 1}'])
def test_a_manifest_that_is_none_is_refused(story: Any, manifest: bytes) -> None:
    data = repack(write_bundle(story.bundle()), lambda members: members.update({"bundle.json": manifest}))
    assert code_of(data)[0] == "bundle_not_understood"


@pytest.mark.parametrize("how", ["another version", "blanks"])
def test_a_manifest_in_another_form_is_refused(story: Any, how: str) -> None:
    def change(members: dict[str, bytes]) -> None:
        manifest = json.loads(members["bundle.json"])
        if how == "another version":
            manifest["schema"]["version"] = 99
            members["bundle.json"] = canonical_bytes(manifest)
        else:
            members["bundle.json"] = json.dumps(manifest, indent=1).encode()

    assert code_of(repack(write_bundle(story.bundle()), change))[0] == "bundle_not_understood"


def test_bytes_before_between_or_after_the_members_are_refused(story: Any) -> None:
    data = write_bundle(story.bundle())
    for other in (b"#!/bin/sh\n" + data, data + b"\0"):
        assert code_of(other)[0] in {"bundle_not_understood", "bundle_member_refused"}


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_no_single_changed_byte_goes_unnoticed(story: Any, data: st.DataObject) -> None:
    bundle = bytearray(write_bundle(story.bundle()))
    place = data.draw(st.integers(0, len(bundle) - 1))
    bundle[place] ^= data.draw(st.integers(1, 255))
    with contextlib.suppress(Refused):
        assert verify(bytes(bundle)).answer is not Answer.YES


def test_the_first_changed_reading_of_several_meters_is_found(make_register: Any, make_mapping: Any) -> None:
    from openjcm.mrv.readings import read_meter_file

    def readings(*rows: str) -> Any:
        text = "\n".join(["time,meter,kwh", *rows, ""]).encode()
        how = make_mapping("", layout="long", meter_column="meter")
        return read_meter_file(text, "a.csv", how)

    one = readings("2022-01-01 00:00,A,1", "2022-01-01 00:00,B,5", "2022-01-01 01:00,B,6")
    other = readings("2022-01-01 00:00,B,5", "2022-01-01 01:00,B,6")
    changed = first_changed_reading(one, other)
    assert changed is not None
    assert (changed.meter, changed.stored, changed.found) == ("A", "1", "—")
    changed = first_changed_reading(other, one)
    assert changed is not None
    assert (changed.meter, changed.stored, changed.found) == ("A", "—", "1")
    longer = readings("2022-01-01 00:00,B,5", "2022-01-01 01:00,B,6", "2022-01-01 02:00,B,7")
    changed = first_changed_reading(other, longer)
    assert changed is not None
    assert (changed.meter, changed.time, changed.found) == ("B", "2021-12-31T18:00:00Z", "7")


def test_a_broken_mapping_beside_another_file_is_an_answer(story: Any) -> None:
    bundle = story.bundle()
    sha256, data = only(bundle.files)
    report = json.loads(bundle.report)
    report["files"][0]["mapping"] = {"format": "clay tablet"}
    result = verify(replace(bundle, report=canonical_bytes(report), files={sha256: data + b"\n"}))
    assert by_name(result)["result"] is Answer.NO


def test_equal_readings_have_no_changed_one(story: Any) -> None:
    parquet = only(story.bundle().readings)[1]
    assert first_changed_reading(readings_from_parquet(parquet), readings_from_parquet(parquet)) is None
