"""What a panorama file says about itself: GPano XMP for viewers, and the parameters that generated it.

XMP packets are written as XML elements, without a time stamp, so equal pictures are equal files. JPEG, WebP and AVIF
carry the packet itself, PNG an iTXt chunk `XML:com.adobe.xmp`, TIFF the tag 700, EXR the attribute `xmp`. The
parameters are JSON in `exif:UserComment`, the prompt is `dc:description`.
GPano: https://developers.google.com/streetview/spherical-metadata
"""

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

    from PIL.Image import Image

GPANO = "http://ns.google.com/photos/1.0/panorama/"
DC = "http://purl.org/dc/elements/1.1/"
EXIF = "http://ns.adobe.com/exif/1.0/"
RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
PNG_XMP = "XML:com.adobe.xmp"
PNG_PARAMETERS = "cyclorama"
MAX_PACKET_BYTES = 65_500  # one JPEG APP1 segment holds 65533 bytes, 29 of them the XMP name
MAX_VALUE_LENGTH = 200  # of a GPano field that is read; the longest known are names of software

# Everything outside XML 1.0's Char production, lone surrogates included.
_NOT_XML = re.compile("[\0-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

_PACKET = """<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/">
<rdf:RDF xmlns:rdf="{rdf}">
<rdf:Description rdf:about="" xmlns:GPano="{gpano_ns}" xmlns:dc="{dc}" xmlns:exif="{exif}">
{body}
</rdf:Description>
</rdf:RDF>
</x:xmpmeta>
<?xpacket end="w"?>"""


def gpano_fields(
    height: int,
    width: int,
    *,
    left: int = 0,
    top: int = 0,
    full_height: int | None = None,
    full_width: int | None = None,
) -> dict[str, str]:
    """The GPano fields of an equirect of `height` x `width` pixels.

    Without further arguments it is the whole sphere. Else it is the part of a sphere of `full_height` x `full_width`
    pixels that begins at column `left` and row `top`; one of the two full sizes may be left out.

    Raises:
        ValueError: a part that does not lie in its sphere, or a sphere that is not twice as wide as high.
    """
    if full_height is None and full_width is None:
        full_height, full_width = height, width
        if left or top:
            raise ValueError(f"got left {left} and top {top} without a full size; give full_width too")
    elif full_height is None or full_width is None:
        full_height, full_width = full_height or (full_width or 0) // 2, full_width or (full_height or 0) * 2
    check_part(height, width, left, top, full_height, full_width)
    return {
        "ProjectionType": "equirectangular",
        "UsePanoramaViewer": "True",
        "PoseHeadingDegrees": "0",
        "FullPanoWidthPixels": str(full_width),
        "FullPanoHeightPixels": str(full_height),
        "CroppedAreaImageWidthPixels": str(width),
        "CroppedAreaImageHeightPixels": str(height),
        "CroppedAreaLeftPixels": str(left),
        "CroppedAreaTopPixels": str(top),
    }


def check_part(height: int, width: int, left: int, top: int, full_height: int, full_width: int) -> None:
    """Raises `ValueError` unless the part lies in a sphere of 2:1, give or take the pixel of an odd width."""
    full = f"{full_height}x{full_width}"
    if min(height, width) < 1 or abs(full_width - 2 * full_height) > 1:
        raise ValueError(f"got a whole sphere of {full} pixels (height x width), wanted one twice as wide as high")
    if left < 0 or top < 0 or left + width > full_width or top + height > full_height:
        part = f"{height}x{width} pixels at column {left} and row {top}"
        raise ValueError(f"got a part of {part}, which does not lie in its sphere of {full} (height x width)")


def xmp_packet(gpano: Mapping[str, str], parameters: Mapping[str, Any]) -> bytes:
    """The XMP packet. `ValueError` where the parameters are no JSON or too long for a JPEG."""
    lines = [f"<GPano:{name}>{_escape(value)}</GPano:{name}>" for name, value in gpano.items()]
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
    return f'<{name}><rdf:Alt><rdf:li xml:lang="x-default">{_escape(text)}</rdf:li></rdf:Alt></{name}>'


def _escape(text: str) -> str:
    text = _NOT_XML.sub(" ", text)
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def parameters_to_json(parameters: Mapping[str, Any]) -> str:
    """One line of ASCII JSON in the mapping's own order."""
    try:
        return json.dumps(dict(parameters), ensure_ascii=True)
    except TypeError as fault:
        raise ValueError(f"generation parameters must be plain JSON values: {fault}") from fault


def read_metadata(packet: object, png_parameters: object = None) -> tuple[dict[str, str], dict[str, Any]]:
    """The GPano fields and the generation parameters in an XMP packet; {} without any, and in a damaged packet.

    A PNG's own text chunk goes before the packet's parameters.
    """
    root = _parse_packet(packet)
    text = png_parameters if isinstance(png_parameters, str) else _user_comment(root)
    return {} if root is None else _gpano(root), _parse_parameters(text)


def read_image_metadata(image: "Image") -> tuple[dict[str, str], dict[str, Any]]:
    """`read_metadata` of an image that Pillow loaded."""
    return read_metadata(image.info.get("xmp") or image.info.get(PNG_XMP), image.info.get(PNG_PARAMETERS))


def _gpano(root: "Element") -> dict[str, str]:
    """Fields written as XML elements or as attributes."""
    prefix, fields = f"{{{GPANO}}}", {}
    for node in root.iter():
        fields |= {key.removeprefix(prefix): value for key, value in node.attrib.items() if key.startswith(prefix)}
        if node.tag.startswith(prefix):
            fields[node.tag.removeprefix(prefix)] = node.text or ""
    return {name: " ".join(value.split())[:MAX_VALUE_LENGTH] for name, value in fields.items()}


def _user_comment(root: "Element | None") -> str:
    node = None if root is None else root.find(f".//{{{EXIF}}}UserComment//{{{RDF}}}li")
    return "" if node is None else node.text or ""


def _parse_parameters(text: str) -> dict[str, Any]:
    try:
        parameters = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return parameters if isinstance(parameters, dict) else {}


def _parse_packet(packet: object) -> "Element | None":
    if not packet or not isinstance(packet, bytes | str):
        return None
    from xml.etree import ElementTree

    data = packet.encode("utf-8", "replace") if isinstance(packet, str) else packet
    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:  # XMP has neither, entity bombs have both
        return None
    try:
        return ElementTree.fromstring(data.strip(b"\x00 \r\n\t"))
    except (ElementTree.ParseError, ValueError, LookupError):
        return None
