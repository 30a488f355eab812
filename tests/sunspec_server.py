"""A small device on the loopback that speaks SunSpec over Modbus TCP: common block, meter (203), inverter (103)."""

from __future__ import annotations

import socketserver
import struct
import threading
from dataclasses import dataclass, field

BASE = 40_000


def words(text: str, count: int) -> list[int]:
    """Text in registers."""
    data = text.encode().ljust(2 * count, b"\0")
    return list(struct.unpack(f">{count}H", data))


@dataclass
class SunSpecDevice:
    """The registers of the device; energies in the units that the scale factors say."""

    export_wh: int = 123_456
    import_wh: int = 77
    export_scale: int = 0
    inverter_wh: int = 9_876
    reads: int = 0
    registers: dict[int, int] = field(default_factory=dict)

    def build(self) -> None:
        """Lay the models out as SunSpec says."""
        common = [
            1,
            66,
            *words("Trial", 16),
            *words("Meter", 16),
            *words("", 8),
            *words("1", 8),
            *words("SN1", 16),
            1,
            0,
        ]
        meter = [203, 105] + [0x8000] * 105
        meter[38:40] = [self.export_wh >> 16, self.export_wh & 0xFFFF]
        meter[46:48] = [self.import_wh >> 16, self.import_wh & 0xFFFF]
        meter[54] = self.export_scale & 0xFFFF
        inverter = [103, 50] + [0x8000] * 50
        inverter[24:26] = [self.inverter_wh >> 16, self.inverter_wh & 0xFFFF]
        inverter[26] = 0
        every = [*words("SunS", 2), *common, *meter, *inverter, 0xFFFF, 0]
        self.registers = {BASE + place: value for place, value in enumerate(every)}

    def answer(self, request: bytes) -> bytes:
        """The answer to a request for holding registers; an exception for any other address."""
        unit, function, start, count = struct.unpack(">BBHH", request[:6])
        wanted = range(start, start + count)
        self.reads += 1
        if function != 3 or not all(place in self.registers for place in wanted):
            return bytes([unit, function | 0x80, 2])
        data = b"".join(struct.pack(">H", self.registers[place]) for place in wanted)
        return bytes([unit, function, len(data)]) + data


class _Handler(socketserver.BaseRequestHandler):
    server: SunSpecServer

    def handle(self) -> None:
        while head := self._exactly(6):
            number, _, length = struct.unpack(">HHH", head)
            body = self.server.device.answer(self._exactly(length))
            self.request.sendall(struct.pack(">HHH", number, 0, len(body)) + body)

    def _exactly(self, count: int) -> bytes:
        data = b""
        while len(data) < count:
            more = self.request.recv(count - len(data))
            if not more:
                return b""
            data += more
        return data


class SunSpecServer(socketserver.ThreadingTCPServer):
    """The device on a port of the loopback."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, device: SunSpecDevice) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.device = device
        device.build()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        """Where it listens."""
        return int(self.server_address[1])
