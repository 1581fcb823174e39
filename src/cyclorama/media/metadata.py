"""What a panorama file says about itself: GPano XMP for viewers, and the parameters that generated it.

XMP packets are written as XML elements, without a time stamp, so equal pictures are equal files. JPEG and WebP carry
the packet itself, PNG an iTXt chunk `XML:com.adobe.xmp`. The parameters are JSON in `exif:UserComment`, the prompt is
`dc:description`. GPano: https://developers.google.com/streetview/spherical-metadata
"""

import json
import re
from collections.abc import Mapping
from typing import Any
from xml.etree import ElementTree
from xml.sax.saxutils import escape

from PIL import Image

GPANO = "http://ns.google.com/photos/1.0/panorama/"
DC = "http://purl.org/dc/elements/1.1/"
EXIF = "http://ns.adobe.com/exif/1.0/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
PNG_XMP = "XML:com.adobe.xmp"
PNG_PARAMETERS = "cyclorama"
MAX_PACKET_BYTES = 65_500  # one JPEG APP1 segment holds 65533 bytes, 29 of them the XMP name

# Everything outside XML 1.0's Char production, lone surrogates included.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")

_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="{rdf}">
<rdf:Description rdf:about="" xmlns:GPano="{gpano_ns}" xmlns:dc="{dc}" xmlns:exif="{exif}">
{body}
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""


def gpano_fields(height: int, width: int) -> dict[str, str]:
    """The GPano fields of a whole sphere of `height` x `width` pixels."""
    return {
        "ProjectionType": "equirectangular",
        "UsePanoramaViewer": "True",
        "PoseHeadingDegrees": "0",
        "FullPanoWidthPixels": str(width),
        "FullPanoHeightPixels": str(height),
        "CroppedAreaImageWidthPixels": str(width),
        "CroppedAreaImageHeightPixels": str(height),
        "CroppedAreaLeftPixels": "0",
        "CroppedAreaTopPixels": "0",
    }


def xmp_packet(gpano: Mapping[str, str], parameters: Mapping[str, Any]) -> bytes:
    """The XMP packet. `ValueError` where the parameters are no JSON or too long for a JPEG."""
    lines = [f"<GPano:{name}>{value}</GPano:{name}>" for name, value in gpano.items()]
    if parameters.get("prompt"):
        lines.append(_localized("dc:description", str(parameters["prompt"])))
    if parameters:
        lines.append(_localized("exif:UserComment", parameters_to_json(parameters)))
    packet = _PACKET.format(rdf=RDF, gpano_ns=GPANO, dc=DC, exif=EXIF, body="\n".join(lines)).encode("utf-8")
    if len(packet) > MAX_PACKET_BYTES:
        raise ValueError(
            f"the picture's metadata are {len(packet)} bytes, a file holds {MAX_PACKET_BYTES}; use a shorter prompt"
        )
    return packet


def _localized(name: str, text: str) -> str:
    text = escape(_NOT_XML.sub(" ", text))
    return f'<{name}><rdf:Alt><rdf:li xml:lang="x-default">{text}</rdf:li></rdf:Alt></{name}>'


def parameters_to_json(parameters: Mapping[str, Any]) -> str:
    """One line of ASCII JSON in the mapping's own order."""
    try:
        return json.dumps(dict(parameters), ensure_ascii=True)
    except TypeError as fault:
        raise ValueError(f"generation parameters must be plain JSON values: {fault}") from fault


def read_gpano(image: Image.Image) -> dict[str, str]:
    """The GPano fields of an opened picture, written as XML elements or as attributes; {} without any."""
    root = _read_packet(image)
    if root is None:
        return {}
    prefix = f"{{{GPANO}}}"
    fields = {}
    for node in root.iter():
        fields |= {key.removeprefix(prefix): value for key, value in node.attrib.items() if key.startswith(prefix)}
        if node.tag.startswith(prefix):
            fields[node.tag.removeprefix(prefix)] = (node.text or "").strip()
    return fields


def read_embedded_parameters(image: Image.Image) -> dict[str, Any]:
    """The generation parameters of an opened picture; {} where it carries none of ours."""
    text = image.info.get(PNG_PARAMETERS)
    if not isinstance(text, str):
        root = _read_packet(image)
        node = None if root is None else root.find(f".//{{{EXIF}}}UserComment//{{{RDF}}}li")
        text = "" if node is None else node.text or ""
    try:
        parameters = json.loads(text)
    except ValueError:
        return {}
    return parameters if isinstance(parameters, dict) else {}


def _read_packet(image: Image.Image) -> ElementTree.Element | None:
    packet = image.info.get("xmp") or image.info.get(PNG_XMP)
    if not packet:
        return None
    data = packet.encode("utf-8") if isinstance(packet, str) else packet
    try:
        return ElementTree.fromstring(data.strip(b"\x00 \r\n"))
    except ElementTree.ParseError:
        return None
