"""What makes a PDF an archive file (PDF/A-2b): metadata in XML and a colour profile, both made here, byte for byte.

Source: ISO 19005-2; ICC.1:2001-04 for the profile; strict readers want one rdf:Description per schema.
"""

from __future__ import annotations

import struct
from datetime import datetime
from xml.sax.saxutils import escape


def xmp(*, title: str, lang: str, producer: str, made: datetime) -> bytes:
    """Write the metadata; one description per schema, because strict readers refuse shared ones."""
    iso = made.isoformat(timespec="seconds")
    title, producer = escape(title), escape(producer)
    rdf = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
    names = f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title>'
    tongue = f"<dc:language><rdf:Bag><rdf:li>{lang}</rdf:li></rdf:Bag></dc:language>"
    dates = f"<xmp:CreateDate>{iso}</xmp:CreateDate><xmp:ModifyDate>{iso}</xmp:ModifyDate>"
    level = "<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>"
    parts = [
        ("pdfaid", "http://www.aiim.org/pdfa/ns/id/", level),
        ("dc", "http://purl.org/dc/elements/1.1/", names + tongue),
        ("xmp", "http://ns.adobe.com/xap/1.0/", f"<xmp:CreatorTool>{producer}</xmp:CreatorTool>{dates}"),
        ("pdf", "http://ns.adobe.com/pdf/1.3/", f"<pdf:Producer>{producer}</pdf:Producer>"),
    ]
    body = "".join(
        f'<rdf:Description rdf:about="" xmlns:{prefix}="{uri}">{content}</rdf:Description>'
        for prefix, uri, content in parts
    )
    return (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>\n'
        f'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="{rdf}">{body}</rdf:RDF></x:xmpmeta>\n'
        '<?xpacket end="w"?>'
    ).encode()


def srgb_profile() -> bytes:
    """Build a small ICC profile of sRGB (D50-adapted primaries of IEC 61966-2-1, its curve sampled)."""

    def fixed(*values: float) -> bytes:
        return struct.pack(f">{len(values)}i", *(round(v * 65536) for v in values))

    def xyz(*values: float) -> bytes:
        return b"XYZ \0\0\0\0" + fixed(*values)

    def linear(level: float) -> float:
        return level / 12.92 if level <= 0.04045 else float(((level + 0.055) / 1.055) ** 2.4)

    steps = 256
    samples = [round(65535 * linear(n / (steps - 1))) for n in range(steps)]
    curve = b"curv\0\0\0\0" + struct.pack(f">I{steps}H", steps, *samples)
    name = b"sRGB"
    description = (
        b"desc\0\0\0\0" + struct.pack(">I", len(name) + 1) + name + b"\0" + bytes(4 + 4 + 2 + 1 + 67)
    )
    tags = [
        (b"desc", description),
        (b"cprt", b"text\0\0\0\0No copyright\0"),
        (b"wtpt", xyz(0.9642, 1.0, 0.8249)),
        (b"rXYZ", xyz(0.4360, 0.2225, 0.0139)),
        (b"gXYZ", xyz(0.3851, 0.7169, 0.0971)),
        (b"bXYZ", xyz(0.1431, 0.0606, 0.7141)),
        (b"rTRC", curve),
        (b"gTRC", curve),
        (b"bTRC", curve),
    ]
    table, data = b"", b""
    start = 128 + 4 + 12 * len(tags)
    places: dict[bytes, int] = {}
    for tag, body in tags:
        if body not in places:
            data += bytes(-len(data) % 4)
            places[body] = start + len(data)
            data += body
        table += tag + struct.pack(">II", places[body], len(body))
    data += bytes(-len(data) % 4)
    size = start + len(data)
    made = struct.pack(">6H", 2015, 5, 8, 0, 0, 0)
    head = (
        struct.pack(">I4sI4s4s4s", size, b"\0\0\0\0", 0x02100000, b"mntr", b"RGB ", b"XYZ ") + made + b"acsp"
    )
    head += bytes(4 + 4 + 4 + 4 + 8) + struct.pack(">I", 0) + fixed(0.9642, 1.0, 0.8249)
    head += bytes(128 - len(head))
    return head + struct.pack(">I", len(tags)) + table + data
