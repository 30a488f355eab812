"""Subset the two bundled fonts to the characters that the pages can show; one file per weight and script.

Run in a build-only environment that has ``fonttools`` and ``brotli`` (the product needs neither)::

    npm ci --prefix tools/assets
    python tools/assets/fonts.py tools/assets/node_modules src/openjcm src/openjcm/web/static/fonts

The packages cut each font into about 120 slices by Unicode range. The slices that hold a wanted character are subset
and merged. Layout tables are dropped: headings and tables set these fonts without kerning or alternates.
"""

from __future__ import annotations

import re
import sys
import tempfile
from io import BytesIO
from pathlib import Path

from fontTools.merge import Merger
from fontTools.subset import Options, Subsetter
from fontTools.ttLib import TTFont

TEXT_SUFFIXES = {".py", ".yaml", ".j2", ".csv", ".json"}
LATIN = {
    *range(0x20, 0x7F),
    *range(0xA0, 0x180),
    *range(0x2010, 0x2040),
    0x2190,
    0x2192,
    0x2212,
    0x00D7,
    0x2264,
    0x2265,
}
"""Characters of the Latin file; every other wanted character stands in the Japanese file of the weight."""

FACES = (
    # file, package, weight, whether it takes the Latin part, whether the Japanese part
    ("biz-udpgothic-400-latin", "biz-udpgothic", 400, True, False),
    ("biz-udpgothic-400-japanese", "biz-udpgothic", 400, False, True),
    ("biz-udpgothic-700-latin", "biz-udpgothic", 700, True, False),
    ("biz-udpgothic-700-japanese", "biz-udpgothic", 700, False, True),
)
FIGURES = {ord(character) for character in "0123456789.,-−+–/:% ()"}
"""Noto Sans JP sets the columns of figures, because its digits are even and those of BIZ UDPGothic are not."""


HALF_WIDTH = set(range(0xFF61, 0xFFA0))
"""Half-width katakana: pages print in full width what a source prints in half width."""
NOT_ON_PAGES = {"cli.py", "cli_parts", "gateway"}
"""What only the command line says."""


def wanted(root: Path) -> set[int]:
    """Every character that stands in the package's texts and data, as far as pages show them."""
    texts = (
        path
        for path in sorted(root.rglob("*"))
        if path.suffix in TEXT_SUFFIXES and path.is_file() and not NOT_ON_PAGES & {*path.relative_to(root).parts}
    )
    found = {
        ord(character) for path in texts for character in path.read_text("utf-8", "ignore") if ord(character) >= 0x20
    }
    return found - HALF_WIDTH


def slices(package: Path, name: str, weight: int) -> list[tuple[set[int], Path]]:
    """The slices of one weight: which code points each holds."""
    css = (package / f"{weight}.css").read_text("utf-8")
    found = []
    for block in re.findall(r"@font-face \{(.*?)\}", css, re.DOTALL):
        ranges = re.search(r"unicode-range: ([^;]+);", block)
        file = re.search(rf"files/({name}-[\w-]+\.woff2)", block)
        if ranges and file:
            points: set[int] = set()
            for part in ranges.group(1).split(","):
                first, _, last = part.strip().removeprefix("U+").partition("-")
                points.update(range(int(first, 16), int(last or first, 16) + 1))
            found.append((points, package / "files" / file.group(1)))
    return found


def subset(file: Path, points: set[int]) -> TTFont:
    """The font of one slice, cut down to the code points."""
    font = TTFont(file, recalcTimestamp=False)
    options = Options()
    options.layout_features = []
    options.drop_tables += ["GSUB", "GPOS", "GDEF", "vhea", "vmtx", "VORG", "BASE", "STAT", "meta", "gasp", "DSIG"]
    options.hinting = False
    options.notdef_outline = True
    options.name_IDs = [0, 1, 2, 13, 14]
    subsetter = Subsetter(options)
    subsetter.populate(unicodes=points)
    subsetter.subset(font)
    return font


def build(package: Path, name: str, weight: int, points: set[int], target: Path) -> set[int]:
    """Write one woff2 file and return the code points that it holds."""
    taken: set[int] = set()
    parts: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        for number, (held, file) in enumerate(slices(package, name, weight)):
            need = (held & points) - taken
            if not need or not need & set(TTFont(file).getBestCmap()):
                continue
            font = subset(file, need)
            taken |= set(font.getBestCmap())
            font.flavor = None
            part = Path(folder, f"{number}.ttf")
            font.save(part)
            parts.append(str(part))
        merged = TTFont(parts[0]) if len(parts) == 1 else Merger().merge(parts)
    merged.flavor = "woff2"
    buffer = BytesIO()
    merged.save(buffer, reorderTables=False)
    target.write_bytes(buffer.getvalue())
    return taken


def main(packages: Path, source: Path, target: Path) -> None:
    """Build every face and say its size and what is missing."""
    target.mkdir(parents=True, exist_ok=True)
    points = wanted(source)
    covered: dict[int, set[int]] = {400: set(), 700: set()}
    fontsource = packages / "@fontsource"
    for file, name, weight, latin, _ in FACES:
        part = points | LATIN if latin else points - LATIN
        part = part & LATIN if latin else part
        out = target / f"{file}.woff2"
        covered[weight] |= build(fontsource / name, name, weight, part, out)
        print(f"{out.name}: {out.stat().st_size:,} bytes")
    rare = {point for point in points - covered[400] if point > 0x2000}
    out = target / "noto-sans-jp-400-figures.woff2"
    held = build(fontsource / "noto-sans-jp", "noto-sans-jp", 400, FIGURES | rare, out)
    print(f"{out.name}: {out.stat().st_size:,} bytes; in neither font: {''.join(map(chr, sorted(rare - held)))!r}")
    shown = sorted((covered[400] & covered[700]) | held)
    (Path(__file__).parent / "covered.txt").write_text("".join(map(chr, shown)) + "\n", "utf-8")
    for name in ("biz-udpgothic", "noto-sans-jp"):
        licence = (fontsource / name / "LICENSE").read_text("utf-8")
        (target / f"{name}-LICENSE.txt").write_text(licence, "utf-8")


if __name__ == "__main__":
    main(*(Path(argument) for argument in sys.argv[1:4]))
