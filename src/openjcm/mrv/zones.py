"""Time zones by name, from the IANA data of the pinned Python package ``tzdata`` and not from the machine's own copy,
so that two machines with one lock file put every local time at one instant.
"""

from __future__ import annotations

import re
from datetime import timedelta, timezone, tzinfo
from functools import lru_cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from openjcm.refusals import refusal

UNKNOWN_TIME_ZONE = refusal(
    "unknown_time_zone",
    en="“{zone}” is not a time zone we know.",
    ja="「{zone}」は登録されていないタイムゾーンです。",
    remedy_en="Give a name of the IANA list (Asia/Ulaanbaatar), a fixed offset (+08:00), or “file” if every time in "
    "the file carries its own offset.",
    remedy_ja="IANA の名称 (例: Asia/Ulaanbaatar)、固定の時差 (例: +08:00)、または各時刻に時差が付いている場合は"
    "「file」を指定してください。",
    clause="OpenJCM: every reading has a stated time zone",
)
_OFFSET = re.compile(r"^[+-](?:0\d|1[0-4]):[0-5]\d$")
_NAME = re.compile(r"^[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+){0,2}$")


@lru_cache(maxsize=256)
def zone_of(name: str) -> tzinfo:
    """The zone of an IANA name or of a fixed offset ``+08:00``.

    Raises:
        Refused: ``unknown_time_zone``.
    """
    if _OFFSET.match(name):
        minutes = int(name[1:3]) * 60 + int(name[4:6])
        return timezone(timedelta(minutes=minutes if name[0] == "+" else -minutes))
    if not _NAME.match(name):
        raise UNKNOWN_TIME_ZONE(zone=name)
    try:
        with files("tzdata").joinpath("zoneinfo", *name.split("/")).open("rb") as stream:
            return ZoneInfo.from_file(stream, key=name)
    except (OSError, ValueError) as error:
        raise UNKNOWN_TIME_ZONE(zone=name) from error
