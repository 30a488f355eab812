"""Static files under names that carry their hash, so that browsers may keep them for a year."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path
from types import MappingProxyType

from fastapi import Request
from fastapi.responses import Response
from starlette.exceptions import HTTPException

FOLDER = Path(__file__).parent / "static"
MEDIA_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
    ".txt": "text/plain; charset=utf-8",
    ".png": "image/png",
    ".webp": "image/webp",
}
FOREVER = "public, max-age=31536000, immutable"


class Assets:
    """The static files, read once. ``url("openjcm.css")`` is ``/static/openjcm.0a1b2c3d4e.css``.

    References between them (``url(fonts/…)`` in the style sheet) are rewritten to the hashed names before the style
    sheet itself is hashed, so that a new font also gives the style sheet a new name.
    """

    def __init__(self, folder: Path = FOLDER) -> None:
        files = {
            str(path.relative_to(folder)): path.read_bytes()
            for path in sorted(folder.rglob("*"))
            if path.suffix in MEDIA_TYPES
        }
        names = {name: _hashed(name, body) for name, body in files.items() if not name.endswith(".css")}
        for name, body in files.items():
            if name.endswith(".css"):
                files[name] = re.sub(
                    rb"url\(([^)]+)\)", lambda found: f"url({names[found[1].decode()]})".encode(), body
                )
                names[name] = _hashed(name, files[name])
        self._names = MappingProxyType(names)
        self._bodies = MappingProxyType({hashed: files[name] for name, hashed in names.items()})

    def url(self, name: str) -> str:
        """The address of a static file.

        Raises:
            KeyError: if there is no such file; a page with a broken reference fails its test.
        """
        return f"/static/{self._names[name]}"

    def answer(self, request: Request) -> Response:
        """The file behind an address; 404 for a name or hash that is not ours."""
        name = request.path_params["name"]
        body = self._bodies.get(name)
        if body is None:
            raise HTTPException(404)
        return Response(
            body, media_type=MEDIA_TYPES[Path(name).suffix], headers={"Cache-Control": FOREVER, "ETag": f'"{name}"'}
        )


def _hashed(name: str, body: bytes) -> str:
    path = Path(name)
    return str(path.with_name(f"{path.stem}.{hashlib.sha256(body).hexdigest()[:10]}{path.suffix}"))
