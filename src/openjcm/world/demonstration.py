"""The demonstration: a fictitious solar project, XD001, with real meter files, through every step of a tonne's life.

Everything about the project is invented and says so; the readings are not. They were taken elsewhere (see
``data/PROVENANCE.md``) before 2021, so both mappings declare a correction of the clock, with its reason, that brings
them into the years in which outcomes count under Article 6. Nothing else is changed, and their faults are theirs.
"""

from __future__ import annotations

import base64
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any

from openjcm.canonical import plain, sha256_hex
from openjcm.commands import Office, Receipt
from openjcm.commands.receiving import receive
from openjcm.dated import Citation, Grade
from openjcm.mrv.calculation import Given
from openjcm.mrv.mapping import Mapping as FileMapping
from openjcm.mrv.meter_facts import Document, MeterFact
from openjcm.mrv.meters import Calibration, Meter
from openjcm.mrv.plan import FileReading, MonitoringPlan, PlanMeter
from openjcm.world import cast, live_gateway, other_system, storage_site, tables
from openjcm.world.load import Loaded, Progress, perform, silent
from openjcm.world.planned import PlannedAct
from openjcm.world.public_record import authorization_request

PROJECT = "XD001"
WORLD = "demonstration"
HOST = "MNG"
JAPAN_REGISTRY = "JPN-demonstration"
HOST_REGISTRY = "MNG-demonstration"
FICTITIOUS = "OpenJCM demonstration, fictitious"
TITLE = "Two rooftop solar systems in Ulaanbaatar (demonstration, fictitious)"

INVERTER_FILE = "meters/TAEFC1044741.parquet"
REGISTER_FILE = "meters/pvops_example_perf_data.csv"

DAY = 86_400
INVERTER_SHIFT = 2_191 * DAY + 9 * 3_600
"""Six years (2016 to 2022), and nine hours: the file counts in UTC at the Pacific coast of America, where noon comes
nine hours after that of Ulaanbaatar has gone round to it."""
REGISTER_SHIFT = 1_461 * DAY
"""Four years (2018 to 2022)."""

CREDITING_PERIOD = (date(2022, 3, 1), date(2032, 2, 29))
MONITORING_PERIOD = (date(2022, 3, 6), date(2022, 10, 14))
DECISION = "XD001-2025-05-20"

Shares = tuple[tuple[str, int], ...]
JAPAN_SHARES: Shares = (("demo-power", 18), ("government", 30))
HOST_SHARES: Shares = (("demo-solar", 8), ("government", 4))
"""The decided integers per account. They are decided, not computed: the act only checks that they sum."""

TOTAL = sum(quantity for _, quantity in JAPAN_SHARES + HOST_SHARES)
TRANSFERRED = "JCM-JP-XD001-2022-1-10"
FOLLOWED = "JCM-JP-XD001-2022-1"
"""The tonne that the documents follow: issued, transferred, retired."""
RETIRED = "JCM-JP-XD001-2022-1-6"
CANCELLED = "JCM-MN-XD001-2022-1-2"
USED_FOR_YEAR = 2030


def inverter_mapping() -> dict[str, Any]:
    """How the inverter's file is read: power in kW every five minutes, times in UTC."""
    return {
        "format": "parquet",
        "layout": "long",
        "time_column": "ts",
        "value_columns": [["meas_val_f", "XD001-M1"]],
        "row_filter": ["meas_name", "ac_power"],
        "kind": "interval_power",
        "unit": "kW",
        "least_unit": "0.1 W",
        "time_zone": "+00:00",
        "interval_seconds": 300,
        "interval_stamp": "start",
        "clock_correction_seconds": INVERTER_SHIFT,
        "clock_correction_reason": (
            "Demonstration only: readings of March 2016 to July 2017, taken in another place, are moved by 2,191 days "
            "and 9 hours to 2022, so that they lie in Article 6 time and noon falls at noon. Values are untouched."
        ),
    }


def register_mapping() -> dict[str, Any]:
    """How the revenue meter's file is read: a cumulative register in kWh every quarter of an hour, local time."""
    return {
        "format": "csv",
        "layout": "long",
        "encoding": "utf-8",
        "delimiter": ",",
        "decimal_mark": ".",
        "time_column": "Date",
        "time_format": "%m/%d/%Y %H:%M",
        "value_columns": [["energy_delivered", "XD001-M2"]],
        "kind": "cumulative",
        "unit": "kWh",
        "least_unit": "kWh",
        "time_zone": "Asia/Ulaanbaatar",
        "clock_correction_seconds": REGISTER_SHIFT,
        "clock_correction_reason": (
            "Demonstration only: readings of September and October 2018, taken in another place, are moved by 1,461 "
            "days to 2022, so that they lie in Article 6 time. Values are untouched."
        ),
    }


@lru_cache(maxsize=1)
def file_hashes() -> tuple[str, str]:
    """SHA-256 of the inverter's file and of the register's file."""
    return sha256_hex(tables.data_bytes(INVERTER_FILE)), sha256_hex(tables.data_bytes(REGISTER_FILE))


def monitoring_plan() -> MonitoringPlan:
    """The monitoring plan of XD001: two systems, each with its meter, both on the national grid."""
    plan_source = Citation("Monitoring plan of XD001 (fictitious)", clause="systems")
    inverter, register = file_hashes()
    return MonitoringPlan(
        project=PROJECT,
        methodology="MN_AM003",
        version="02.0",
        crediting_period=CREDITING_PERIOD,
        time_zone="Asia/Ulaanbaatar",
        meters=(
            PlanMeter(
                _meter("XD001-M1", 7_000, 300, date(2022, 2, 1), "1", "7 kW inverter, power every 5 minutes"),
                "EG_i_p",
                "1",
            ),
            PlanMeter(
                _meter(
                    "XD001-M2", 475_000, 900, date(2022, 9, 14), "0.5S", "475 kW plant, register of the revenue meter"
                ),
                "EG_i_p",
                "2",
            ),
        ),
        parameters={"CASE_i": Given({"1": "national_grid", "2": "national_grid"}, source=plan_source)},
        readings=(
            FileReading(inverter, FileMapping.from_data(inverter_mapping())),
            FileReading(register, FileMapping.from_data(register_mapping())),
        ),
    )


def _meter(name: str, capacity_w: int, interval: int, installed_on: date, accuracy: str, document: str) -> Meter:
    """A solar meter without coordinates: the shifted clock fits no sun that could be computed for a place.

    So the report says that generation at night cannot be told (rule Q13).
    """
    return Meter(
        meter_id=name,
        direction="generation",
        capacity_w=capacity_w,
        interval_seconds=interval,
        installed_on=installed_on,
        calibration=(Calibration(installed_on, date(2032, 2, 29), "Certificate of the demonstration (fictitious)"),),
        documents=(document,),
        solar=True,
        facts=(
            MeterFact(
                name, "accuracy", installed_on, {"class": accuracy}, (Document("Data sheet of the meter (fictitious)"),)
            ),
        ),
    )


# --- The story: steps, each with the acts that make it ----------------------------------------------------------------

Done = Mapping[str, Receipt]
"""What was done so far, by the name of the act within the story."""


@dataclass(frozen=True)
class Act:
    """One act of the story: the step it belongs to (0: what must be there first), its name, its request."""

    step: int
    name: str
    act: str
    request: Callable[[Done], dict[str, Any]]

    def planned(self, done: Done) -> PlannedAct:
        """The act as planned, with what the acts before it gave."""
        return PlannedAct(self.act, f"demonstration/{PROJECT}/{self.name}", self.request(done))


def _given(**request: Any) -> Callable[[Done], dict[str, Any]]:
    return lambda done: dict(request)


ACCOUNTS = (
    (JAPAN_REGISTRY, "government", "government_holding", "Government of Japan (demonstration)"),
    (JAPAN_REGISTRY, "demo-power", "entity_holding", "Demo Power Co., Ltd. (fictitious)"),
    (JAPAN_REGISTRY, "demo-trading", "entity_holding", "Demo Trading Co., Ltd. (fictitious)"),
    (JAPAN_REGISTRY, "retirement", "retirement", "Government of Japan (demonstration)"),
    (JAPAN_REGISTRY, "cancellation", "cancellation", "Government of Japan (demonstration)"),
    (HOST_REGISTRY, "government", "government_holding", "Government of Mongolia (demonstration)"),
    (HOST_REGISTRY, "demo-solar", "entity_holding", "Demo Solar LLC (fictitious)"),
    (HOST_REGISTRY, "retirement", "retirement", "Government of Mongolia (demonstration)"),
    (HOST_REGISTRY, "cancellation", "cancellation", "Government of Mongolia (demonstration)"),
)


def _preparation() -> Iterator[Act]:
    for registry, party in ((JAPAN_REGISTRY, "JPN"), (HOST_REGISTRY, HOST)):
        request = _given(registry_id=registry, party=party, world=WORLD, occurred_on="2022-01-04")
        yield Act(0, f"registry/{registry}", "open_registry", request)
    for registry, slug, kind, holder in ACCOUNTS:
        request = _given(
            account_id=f"{registry}/{slug}",
            registry_id=registry,
            account_type=kind,
            holder=holder,
            occurred_on="2022-01-05",
        )
        yield Act(0, f"account/{registry}/{slug}", "open_account", request)
    yield Act(0, "project", "register_project", lambda done: project_request())
    said = [
        {"field": field, "value": value, "source": FICTITIOUS, "grade": Grade.READ.value, "note": ""}
        for field, value in ABOUT.items()
    ]
    request = _given(subject_kind="project", subject=PROJECT, fields=said, occurred_on="2022-02-10")
    yield Act(0, "about", "record_statement", request)


ABOUT: dict[str, object] = {
    "title": TITLE,
    "estimated_tco2e_per_year": 556,
    "participants_japan": "Demo Power Co., Ltd. (fictitious)",
    "participants_host": "Demo Solar LLC (fictitious)",
    "project_type": "Solar",
    "project_subtype": "Solar PV",
    "location": "Ulaanbaatar (fictitious)",
    "tpe_verification": "Demo Verification Ltd. (fictitious)",
    "note": "The project is invented. Its meter files are real readings of two other plants, clocks shifted.",
}
"""What is said of the project; all of it invented. The estimate: 698 MWh a year times 0.797 t CO2e/MWh, cut down."""


def project_request() -> dict[str, Any]:
    """The request that puts the project with its monitoring plan on record."""
    start, end = CREDITING_PERIOD
    return {
        "reference": PROJECT,
        "world": WORLD,
        "host_party": HOST,
        "title": TITLE,
        "status": "registered",
        "registered_on": "2022-02-10",
        "methodologies": [{"id": "MN_AM003", "version": "02.0"}],
        "crediting_period": {"start": start.isoformat(), "end": end.isoformat()},
        "plan": plain(monitoring_plan().as_data()),
        "occurred_on": "2022-02-10",
    }


def _upload(name: str, media_type: str, mapping: dict[str, Any]) -> Callable[[Done], dict[str, Any]]:
    def request(done: Done) -> dict[str, Any]:
        return {
            "name": name.rpartition("/")[2],
            "media_type": media_type,
            "content_base64": base64.b64encode(tables.data_bytes(name)).decode("ascii"),
            "mapping": mapping,
            "is_public": True,
            "occurred_on": "2024-11-05",
        }

    return request


def _measuring() -> Iterator[Act]:
    yield Act(
        1,
        "readings/inverter",
        "upload_readings",
        _upload(INVERTER_FILE, "application/vnd.apache.parquet", inverter_mapping()),
    )
    yield Act(1, "readings/register", "upload_readings", _upload(REGISTER_FILE, "text/csv", register_mapping()))
    start, end = MONITORING_PERIOD
    yield Act(
        4,
        "report",
        "submit_monitoring_report",
        _given(
            project=PROJECT,
            monitoring_start=start.isoformat(),
            monitoring_end=end.isoformat(),
            files=sorted(file_hashes()),
            inputs={},
            occurred_on="2024-11-20",
        ),
    )
    yield Act(
        5,
        "verification",
        "conclude_verification",
        lambda done: {
            "report_sha256": report_sha256(done),
            "verifier": "Demo Verification Ltd. (fictitious third-party entity)",
            "opinion": "positive",
            "statement": "The report was computed again from the stored bytes and is the same byte for byte. The gap "
            "in the register's record was looked at: the register's difference is a measurement.",
            "occurred_on": "2025-01-20",
        },
    )


def report_sha256(done: Done) -> str:
    """The name of the monitoring report."""
    return str(done["report"].outcome["report_sha256"])


def _sides() -> list[dict[str, Any]]:
    return [
        {
            "side": side,
            "amount": sum(quantity for _, quantity in shares),
            "shares": [
                {"account_id": f"{registry}/{slug}", "vintage": "2022", "quantity": quantity}
                for slug, quantity in shares
            ],
        }
        for side, registry, shares in (("JPN", JAPAN_REGISTRY, JAPAN_SHARES), (HOST, HOST_REGISTRY, HOST_SHARES))
    ]


def _deciding() -> Iterator[Act]:
    start, end = MONITORING_PERIOD
    for party, day in (("JPN", date(2025, 3, 31)), (HOST, date(2025, 4, 15))):
        request = authorization_request(
            world=WORLD,
            party=party,
            authorization_id=f"XD-{party}-0001",
            day=day,
            first_transferring_party=HOST,
            projects=(PROJECT,),
            vintages=(2022, 2030),
            terms="Fictitious authorization of the demonstration. A change does not reach what was first transferred.",
            source=FICTITIOUS,
            grade=Grade.READ,
            document="Demonstration: there is no such document",
        )
        request |= {
            "cooperative_approach_id": COOPERATIVE_APPROACH,
            "sectors": ["Energy generation"],
            "activity_types": ["Solar"],
        }
        yield Act(6, f"authorization/{party}", "record_authorization", _given(**request))
    yield Act(
        6,
        "decision",
        "decide_issuance",
        lambda done: {
            "decision_id": DECISION,
            "world": WORLD,
            "projects": [PROJECT],
            "monitoring_start": start.isoformat(),
            "monitoring_end": end.isoformat(),
            "total": TOTAL,
            "report_sha256": report_sha256(done),
            "sides": _sides(),
            "source": FICTITIOUS,
            "grade": Grade.READ.value,
            "occurred_on": "2025-05-20",
        },
    )
    for side, issued_on in (("JPN", "2025-06-03"), (HOST, "2025-06-20")):
        yield Act(7, f"issue/{side}", "issue", _given(decision_id=DECISION, side=side, occurred_on=issued_on))


COOPERATIVE_APPROACH = "CA9999"
"""An identifier that the UN secretariat has not given to anybody; the demonstration's only."""


def _using() -> Iterator[Act]:
    yield Act(
        8,
        "transfer",
        "transfer",
        _given(blocks=[TRANSFERRED], target_account=f"{JAPAN_REGISTRY}/demo-trading", occurred_on="2025-07-15"),
    )
    yield Act(
        8,
        "retire",
        "retire",
        _given(
            blocks=[RETIRED],
            retirement_account=f"{JAPAN_REGISTRY}/retirement",
            used_for_year=USED_FOR_YEAR,
            purpose="ndc",
            occurred_on="2025-09-30",
        ),
    )
    yield Act(
        8,
        "cancel",
        "cancel",
        _given(
            blocks=[CANCELLED],
            cancellation_account=f"{HOST_REGISTRY}/cancellation",
            purpose="omge",
            reason="Overall mitigation in global emissions, given up by Demo Solar LLC (fictitious)",
            occurred_on="2025-10-10",
        ),
    )


def _people() -> Iterator[Act]:
    """Representatives, four eyes on each account, a proposal and an application that wait for a second person."""
    for registration in cast.registrations():
        yield Act(
            8, f"representative/{registration['representative']}", "register_representative", _given(**registration)
        )
    for account in dict.fromkeys(one["account_id"] for one in cast.registrations()):
        request = _given(account_id=account, four_eyes=True, occurred_on="2025-11-05")
        yield Act(8, f"controls/{account}", "change_account_controls", request)
    yield Act(8, "proposal", "propose", lambda done: cast.proposal())
    yield Act(8, "application", "apply_for_account", _given(**cast.APPLICATION))


def _beside() -> Iterator[Act]:
    """What the tonne does not meet: a gateway, a storage site, and the other system that keeps its host's registry."""
    for name, act, request in (
        *live_gateway.acts(PROJECT, "XD001-M2"),
        other_system.registration(),
        *storage_site.acts(),
        *other_system.received(),
    ):
        yield Act(0, name, act, _given(**request))


def story() -> tuple[Act, ...]:
    """Every act of the demonstration in its order."""
    return (*_preparation(), *_measuring(), *_deciding(), *_using(), *_people(), *_beside())


def load_demonstration(office: Office, progress: Progress = silent) -> tuple[Loaded, dict[str, Receipt]]:
    """Do the story, each act once, and give the receipts by the names of the acts.

    Raises:
        Refused: at the first act that breaks a rule; what came before it stays recorded.
    """
    receipts: dict[str, Receipt] = {}
    acts = story()
    total = Loaded()
    for number, act in enumerate(acts, start=1):
        planned = act.planned(receipts)
        done = perform(office, planned)
        receipts[act.name] = done.receipt
        total += done.loaded
        progress(number, len(acts), planned, done.receipt.replayed)
    receive(office, live_gateway.lines(REGISTER_FILE, FileMapping.from_data(register_mapping()), "XD001-M2"))
    total += perform(office, _comparison(office)).loaded
    return total, receipts


def _comparison(office: Office) -> PlannedAct:
    """The comparison with the other system's books, whose statement is laid into the file store."""
    name, act, request = other_system.comparison(office.files.put(other_system.statement()))
    return Act(0, name, act, _given(**request)).planned({})
