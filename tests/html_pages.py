"""Pages of HTML that tests of runs share, alone and as responses in archives."""

from __future__ import annotations

from tests.test_html import PAGE
from tests.test_wet import wet_record


def page(number: int) -> str:
    """Pages that differ in what is kept of them."""
    return PAGE.replace("ferry", f"boat number {number}")


TYPE = {"Content-Type": "application/http; msgtype=response"}


PLACE = {"WARC-Target-URI": "http://a.example/", "WARC-Date": "2024-05-01T00:00:00Z"}


def http(body: bytes, *lines: str, media: str = "text/html") -> bytes:
    head = "\r\n".join(["HTTP/1.1 200 OK", f"Content-Type: {media}", *lines])
    return head.encode() + b"\r\n\r\n" + body


def response(number: int, content: bytes, **more: str) -> bytes:
    name = {"WARC-Record-ID": f"<urn:uuid:{number}>"}
    return wet_record("response", content, **TYPE, **PLACE, **name, **more)


SAID = {
    "cp1252": "Le café était fermé à huit heures, où « l’équipage » s’est arrêté.",
    "cp1251": "Паром ушёл из старой гавани чуть позже шести, и никто не поднял глаз.",
    "koi8-r": "Паром ушёл из старой гавани чуть позже шести, и никто не поднял глаз.",
    "iso-8859-2": "Loď opustila starý přístav krátce po šesté, jako každé ráno.",
    "shift_jis": "フェリーは六時過ぎに古い港を出た。橋が閉鎖されてから毎朝のことである。",
    "euc_jp": "フェリーは六時過ぎに古い港を出た。橋が閉鎖されてから毎朝のことである。",
    "gb18030": "渡轮在六点过后不久离开了旧港口，船上没有人抬头看一眼。",
    "big5": "渡輪在六點過後不久離開了舊港口，船上沒有人抬頭看一眼。",
    "euc_kr": "페리는 여섯 시가 조금 지나 옛 항구를 떠났고 아무도 고개를 들지 않았다.",
    "utf-8": "Паром ушёл из старой гавани чуть позже шести. 渡轮在六点过后。",
    "utf-8-sig": "Паром ушёл из старой гавани чуть позже шести.",
    "utf-16": "Паром ушёл из старой гавани чуть позже шести. 渡轮在六点过后。",
    "utf-16-le": "渡轮在六点过后不久离开了旧港口，船上没有人抬头看一眼。",
    "utf-16-be": "Паром ушёл из старой гавани чуть позже шести.",
    "utf-32": "Паром ушёл из старой гавани чуть позже шести.",
    "utf-32-le": "渡轮在六点过后不久离开了旧港口，船上没有人抬头看一眼。",
    "utf-32-be": "Паром ушёл из старой гавани чуть позже шести.",
}


def written_in(encoding: str) -> tuple[str, bytes]:
    """A page, and its bytes; those of small encodings say which they are in."""
    name = encoding.replace("_", "-").replace("cp", "windows-")
    said = "" if encoding.startswith("utf") else f'<meta charset="{name}">'
    html = f"<html><head>{said}<title>-</title></head><body><p>{SAID[encoding] * 9}</body></html>"
    return html, html.encode(encoding)
