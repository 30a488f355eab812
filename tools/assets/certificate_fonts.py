"""The fonts of certificates: BIZ UDPGothic whole, and what it lacks of Noto Sans JP, as small TrueType files.

Run in a build-only environment that has ``fonttools``, over the unpacked npm packages
``@expo-google-fonts/biz-udpgothic`` and ``@expo-google-fonts/noto-sans-jp``::

    python tools/assets/certificate_fonts.py node_modules src/openjcm/reports/fonts

Hinting and layout tables are dropped: a sheet is set without kerning and vertical forms.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

SOURCES = (
    ("biz-udpgothic/400Regular/BIZUDPGothic_400Regular.ttf", "BIZUDPGothic-Regular.ttf"),
    ("noto-sans-jp/400Regular/NotoSansJP_400Regular.ttf", "NotoSansJP-Rest.ttf"),
)
DROPPED = ["GSUB", "GPOS", "GDEF", "vhea", "vmtx", "VORG", "BASE", "STAT", "meta", "gasp", "DSIG"]


def main(packages: Path, target: Path) -> None:
    """Write both files; the second holds what the first lacks."""
    taken: set[int] = set()
    for source, name in SOURCES:
        font = TTFont(packages / "@expo-google-fonts" / source, recalcTimestamp=False)
        wanted = set(font.getBestCmap()) - taken
        options = Options(layout_features=[], hinting=False, notdef_outline=True, name_IDs=[0, 1, 2, 4, 6, 13, 14])
        options.drop_tables += DROPPED
        subsetter = Subsetter(options)
        subsetter.populate(unicodes=wanted)
        subsetter.subset(font)
        font.save(target / name)
        taken |= wanted
        print(f"{name}: {len(wanted)} characters, {(target / name).stat().st_size} bytes")


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
