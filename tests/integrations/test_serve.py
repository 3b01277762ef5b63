"""The service over a real socket: what it answers, its limits, its end."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

import cleaner

LINES = "application/x-ndjson"


def test_text_comes_back_as_text(service: Any, texts: Any) -> None:
    answer = service.ask("/clean", texts.page)
    assert (answer.status, answer.body.decode()) == (200, cleaner.clean(texts.page))
    assert answer.kind == "text/plain; charset=utf-8"


def test_an_object_comes_back_with_its_other_fields(service: Any, texts: Any) -> None:
    answer = service.ask("/clean", {"id": 7, "text": texts.page})
    assert answer.json == {"id": 7, "text": cleaner.clean(texts.page)}


def test_inspect_gives_every_fragment(service: Any, texts: Any) -> None:
    wanted = [fragment.as_dict() for fragment in cleaner.Cleaner().inspect(texts.page)]
    assert service.ask("/inspect", texts.page).json == {"fragments": wanted}
    assert service.ask("/inspect", {"text": texts.page}).json == {
        "text": texts.page,
        "fragments": wanted,
    }


def test_mode_and_keep_are_heeded(service: Any, texts: Any) -> None:
    wanted = cleaner.Cleaner(mode="thorough", keep=("link_list", "toc")).clean(texts.page)
    path = "/clean?mode=thorough&keep=link_list&keep=toc"
    assert service.ask(path, texts.page).body.decode() == wanted


def test_lines_are_answered_line_by_line(service: Any, texts: Any) -> None:
    body = "\n".join(
        [json.dumps({"n": 1, "text": texts.page}), "", "no json", '{"n": 4}', '{"text": ""}']
    )
    assert service.ask("/clean", body, LINES).lines == [
        {"n": 1, "text": cleaner.clean(texts.page)},
        {"error": "line 3: not JSON"},
        {"error": 'line 4: not an object with a string as its "text"'},
        {"text": ""},
    ]


def test_a_line_is_answered_before_the_next_is_sent(service: Any, texts: Any) -> None:
    def line(number: int) -> bytes:
        data = json.dumps({"n": number, "text": texts.page}).encode() + b"\n"
        return b"%x\r\n%s\r\n" % (len(data), data)

    head = (
        "POST /clean HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n"
        f"Content-Type: {LINES}\r\nConnection: close\r\n\r\n"
    )
    address = ("127.0.0.1", service.port)
    with socket.create_connection(address, timeout=60) as client, client.makefile("rb") as answer:
        client.sendall(head.encode())
        for number in range(3):
            client.sendall(line(number))
            while not (got := answer.readline()).startswith(b'{"n"'):
                assert got
            assert json.loads(got) == {"n": number, "text": cleaner.clean(texts.page)}
        client.sendall(b"0\r\n\r\n")
        assert answer.read().endswith(b"0\r\n\r\n")


def test_many_lines_come_back_in_order(service: Any, texts: Any) -> None:
    body = "".join(json.dumps({"n": n, "text": texts.paragraphs[n % 4]}) + "\n" for n in range(300))
    found = service.ask("/clean", body, "application/jsonl").lines
    assert [record["n"] for record in found] == list(range(300))


@pytest.mark.parametrize("charset", ["latin-1", "utf-8", "utf-16-le"])
def test_text_keeps_its_charset(service: Any, charset: str) -> None:
    text = "Ein schöner Tag für Café-Besucher.\r\n".encode(charset)
    answer = service.ask("/clean", text, f'text/plain; charset="{charset}"')
    assert (answer.status, answer.body) == (200, text)


def test_stray_bytes_survive(service: Any) -> None:
    assert service.ask("/clean", b"caf\xe9 is a word\n").body == b"caf\xe9 is a word\n"
    surrogate = {"text": "half \ud83d an emoji"}
    assert service.ask("/clean", surrogate).json == surrogate


@pytest.mark.parametrize(
    ("path", "body", "kind", "status", "said"),
    [
        ("/clean?mode=brutal", "a", "text/plain", 422, "no mode 'brutal'"),
        ("/clean?keep=links", "a", "text/plain", 422, "no category 'links'"),
        ("/clean", "a", "text/plain; charset=klingon", 422, "no text encoding 'klingon'"),
        ("/clean", b"\x00\x01\x02\x03" * 99, "text/plain", 422, "binary"),
        ("/clean", "{", "application/json", 422, "not JSON"),
        ("/clean", "[" * 200_000, "application/json", 422, "not JSON"),
        ("/clean", '{"text": "", "n": 1e999}', "application/json", 422, "not JSON"),
        ("/clean", '{"text": 1}', "application/json", 422, 'a string as its "text"'),
        ("/clean", "a", "application/x-www-form-urlencoded", 415, "text/plain"),
        ("/clean", "a" * ((1 << 20) + 1), "text/plain", 413, "longer than 1048576 bytes"),
        ("/nowhere", "a", "text/plain", 404, "Not Found"),
    ],
)
def test_what_is_wrong_is_said_in_one_line(
    service: Any, path: str, body: Any, kind: str, status: int, said: str
) -> None:
    answer = service.ask(path, body, kind)
    assert answer.status == status
    assert said in answer.json["detail"]
    assert "\n" not in answer.json["detail"]


def test_a_line_too_long_is_passed_over(serving: Callable[..., Any]) -> None:
    service = serving("--max-bytes", "100")
    long, short = json.dumps({"text": "a" * 200_000}), '{"text": "a"}'
    assert service.ask("/clean", f"{long}\n{short}\n{long}", LINES).lines == [
        {"error": "line 1: longer than 100 bytes"},
        {"text": "a"},
        {"error": "line 3: longer than 100 bytes"},
    ]


def test_what_takes_too_long_is_given_up(serving: Callable[..., Any], texts: Any) -> None:
    service = serving("--timeout", "0.3", "--max-bytes", str(1 << 23))
    long = texts.page * 2000
    assert service.ask("/clean", long).status == 503
    head = "POST /clean HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\nContent-Type: {}\r\n\r\nhal"
    for kind, wanted in (("text/plain", b"408 Request Timeout"), (LINES, b"nothing has come in")):
        with socket.create_connection(("127.0.0.1", service.port), timeout=60) as client:
            client.sendall(head.format(kind).encode())
            with client.makefile("rb") as answer:
                assert wanted in answer.read()


def test_a_token_is_asked_for(serving: Callable[..., Any]) -> None:
    service = serving("--token", "sesame")
    for path, body in (("/clean", "a"), ("/inspect", "a"), ("/metrics", None)):
        assert service.ask(path, body).status == 401
        assert service.ask(path, body, Authorization="Bearer wrong").status == 401
        assert service.ask(path, body, Authorization="Bearer sesame").status == 200
    assert service.ask("/healthz").json["status"] == "ok"


def test_workers_count_together(serving: Callable[..., Any], texts: Any) -> None:
    service = serving("--workers", "2")
    for _ in range(6):
        assert service.ask("/clean", texts.page).status == 200
    assert service.ask("/nowhere").status == 404
    said = service.ask("/metrics").body.decode()
    assert "cleaner_texts_total 6.0" in said
    assert 'cleaner_stripped_lines_total{category="link_list"}' in said
    assert 'cleaner_requests_total{path="/clean",status="200"} 6.0' in said
    assert 'cleaner_requests_total{path="other",status="404"} 1.0' in said
    service.end()
    assert service.process.returncode == 0


def test_what_was_asked_is_answered_before_it_ends(serving: Callable[..., Any], texts: Any) -> None:
    service = serving()
    long = texts.page * 150
    got: list[Any] = []
    asking = threading.Thread(target=lambda: got.append(service.ask("/clean", long)))
    asking.start()
    while "cleaner_requests" not in service.ask("/metrics").body.decode():
        time.sleep(0.01)
    time.sleep(0.1)
    service.end()
    asking.join()
    assert got[0].status == 200
    assert service.process.returncode == 0


def test_it_listens_at_one_address_of_loopback(service: Any) -> None:
    # 127.0.0.2 is this machine too, and would be answered if it listened at every address.
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.2", service.port), timeout=5)


def test_an_open_address_without_a_token_is_warned_of(run: Any) -> None:
    pytest.importorskip("fastapi", reason="FastAPI is not installed")
    bad_model = ("--model", "nowhere.npz")  # so that it ends before it listens
    said = run("serve", "--host", "0.0.0.0", *bad_model).stderr.decode()
    assert "0.0.0.0 may be reached from elsewhere, and no --token is set" in said
    for options in (("--host", "0.0.0.0", "--token", "sesame"), ("--host", "localhost")):
        assert "may be reached" not in run("serve", *options, *bad_model).stderr.decode()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (["--model", "nowhere.npz"], "nowhere.npz"),
        (["--mode", "brutal"], "brutal"),
        (["--workers", "0"], "--workers"),
    ],
)
def test_bad_options_are_one_line(run: Any, options: list[str], said: str, tmp_path: Path) -> None:
    pytest.importorskip("fastapi", reason="FastAPI is not installed")
    done = run("serve", "--port", "0", *options)
    assert done.returncode in (1, 2)
    assert said in done.stderr.decode().splitlines()[-1]


def test_the_example_runs(example: Any, service: Any) -> None:
    example("serve.md", site=f"http://127.0.0.1:{service.port}")
