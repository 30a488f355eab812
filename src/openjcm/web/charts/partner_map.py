"""The partners on the land outline: the dot's area is the number of projects, its outline the state of the rules.

The projection is Natural Earth I (Tom Patterson, Bojan Šavrič; polynomial form), turned to 145 degrees east, with the
same scale and shift as ``tools/assets/land.mjs``, which drew the outline.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from html import escape

from openjcm.views.partners import Partner
from openjcm.web.charts.svg import picture, px

INSET = (536, 192, 214, 214)
"""Left, top, width and height of the South-East Asia inset, in the empty Pacific."""
IN_INSET = frozenset({"THA", "VNM", "KHM", "LAO", "MMR", "PHL", "IDN", "PLW"})
MARK = {"adopted": ("f-jp s-bg", "1.2"), "preparing": ("f-bg s-jp", "2")}

WORLD_LABELS = {
    "IND": (-8, 4, "end"), "CHL": (12, 4, "start"), "MNG": (0, -12, "middle"), "BGD": (-2, -12, "end"),
    "KEN": (-10, 4, "end"), "MEX": (9, 4, "start"), "UKR": (-8, -4, "end"), "KAZ": (0, -9, "middle"),
    "SAU": (-8, 14, "end"), "PNG": (0, 17, "middle"), "SEN": (8, 14, "start"), "TZA": (-8, 12, "end"),
    "CRI": (8, 12, "start"), "LKA": (7, 10, "start"), "MDV": (-8, 10, "end"), "ETH": (-8, -2, "end"),
    "TUN": (-7, 4, "end"),
}  # fmt: skip
INSET_LABELS = {
    "THA": (-20, 33, "middle"), "VNM": (17, -10, "start"), "KHM": (2, 22, "start"), "LAO": (0, -13, "start"),
    "MMR": (2, -10, "middle"), "PHL": (0, -14, "middle"), "IDN": (0, 35, "middle"), "PLW": (4, 22, "end"),
}  # fmt: skip
"""Where a label stands beside its dot: shift right, shift down, anchor. Countries without one are in the table."""


def natural_earth(longitude: float, latitude: float) -> tuple[float, float]:
    """The projected point of a place, in radii of the globe, y downwards; longitude relative to the middle."""
    x, y = math.radians((longitude + 180) % 360 - 180), math.radians(latitude)
    square = y * y
    fourth = square * square
    across = 0.8707 - 0.131979 * square + fourth * (-0.013791 + fourth * (0.003971 * square - 0.001529 * fourth))
    up = 1.007226 + square * (0.015085 + fourth * (-0.044475 + 0.028874 * square - 0.005916 * fourth))
    return x * across, -y * up


def world_place(longitude: float, latitude: float) -> tuple[float, float]:
    """Where a place lies on the whole map."""
    x, y = natural_earth(longitude - 145, latitude)
    return 480 + 174 * x, 248 + 174 * y


def inset_place(longitude: float, latitude: float) -> tuple[float, float]:
    """Where a place lies in the inset."""
    x, y = natural_earth(longitude - 113.5, latitude)
    return 643 + 300 * x, 332 + 300 * y


def partner_map(
    partners: Sequence[Partner],
    *,
    land: str,
    language: str,
    title: str,
    desc: str,
    japan: str,
    inset: str,
    projects: str,
) -> str:
    """The map. ``land``: address of the outline; ``projects``: text of a dot, with ``{name}`` and ``{count}``."""
    ordered = sorted(partners, key=lambda one: -one.projects)
    inside = [one for one in ordered if one.iso3 in IN_INSET]
    left, top, width, height = INSET
    jx, jy = world_place(138.5, 37)
    ax, ay = world_place(*_unproject_corner(left, top))
    bx, by = world_place(*_unproject_corner(left + width, top + height))
    halo = 'paint-order="stroke" stroke-width="3" stroke-linejoin="round" class="{} s-bg"'

    def dots(chosen: Sequence[Partner], place: Callable[[float, float], tuple[float, float]], scale: float) -> str:
        return "".join(_dot(one, *place(one.longitude, one.latitude), scale, language, projects) for one in chosen)

    def labels(
        chosen: Sequence[Partner],
        place: Callable[[float, float], tuple[float, float]],
        table: dict[str, tuple[int, int, str]],
    ) -> str:
        return "".join(
            _label(one, *place(one.longitude, one.latitude), table[one.iso3], language)
            for one in chosen
            if one.iso3 in table
        )

    outside = [one for one in ordered if one.iso3 not in IN_INSET]
    parts = (
        f'<use href="{escape(land)}#world" class="f-land"/>'
        f'<path class="f-no s-ctl ins" stroke-width=".8" d="M{px(bx)} {px(ay)}L{left} {top}M{px(bx)} {px(by)}L{left} '
        f'{top + height}M{px(ax)} {px(ay)}H{px(bx)}V{px(by)}H{px(ax)}z"/>'
        f'<g class="dots">{dots(ordered, world_place, 2)}</g>'
        f'<rect x="{px(jx - 4)}" y="{px(jy - 4)}" width="8" height="8" class="f-ink" '
        f'transform="rotate(45 {px(jx)} {px(jy)})"/>'
        f'<g font-size="11" {halo.format("lab")}><text x="{px(jx + 9)}" y="{px(jy - 3)}" class="ti">'
        f"{escape(japan)}</text>"
        f"{labels(outside, world_place, WORLD_LABELS)}</g>"
        f'<g class="ins"><rect x="{left}" y="{top}" width="{width}" height="{height}" rx="4" class="f-bg s-ctl"/>'
        f'<use href="{escape(land)}#south-east-asia" class="f-land"/><g>{dots(inside, inset_place, 2.8)}</g>'
        f'<g font-size="12" {halo.format("lab2")}><text x="{left + width - 8}" y="{top + 18}" text-anchor="end" '
        f'class="ti">'
        f"{escape(inset)}</text>{labels(inside, inset_place, INSET_LABELS)}</g></g>"
    )
    return picture("8 8 944 432", [parts], title=title, desc=desc, css="map")


def _unproject_corner(x: float, y: float) -> tuple[float, float]:
    """Longitude and latitude of a point of the inset, by stepping: only the frame of the inset is drawn with it."""
    longitude, latitude = 113.5, 0.0
    for _ in range(60):
        at_x, at_y = inset_place(longitude, latitude)
        longitude += (x - at_x) / 300 * 40
        latitude -= (y - at_y) / 300 * 40
    return longitude, latitude


def _dot(one: Partner, x: float, y: float, scale: float, language: str, projects: str) -> str:
    radius = scale * math.sqrt(one.projects) + (2 if scale < 2.5 else 2.5) if one.projects else 3.6
    css, stroke = MARK.get(one.article6_status, ("f-bg s-tell dash", "2"))
    title = projects.format(name=one.name(language), count=one.projects)
    return (
        f'<circle cx="{px(x)}" cy="{px(y)}" r="{px(radius)}" class="{css}" stroke-width="{stroke}">'
        f"<title>{escape(title)}</title></circle>"
    )


def _label(one: Partner, x: float, y: float, shift: tuple[int, int, str], language: str) -> str:
    right, down, anchor = shift
    figure = f' <tspan class="ti">{one.projects}</tspan>' if one.projects else ""
    name = escape(one.name(language))
    return f'<text x="{px(x + right)}" y="{px(y + down)}" text-anchor="{anchor}">{name}{figure}</text>'
