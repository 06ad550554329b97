"""A server that takes profiles as Pyroscope does and answers as it is told, and a reader of what it took."""

import gzip
import http.server
import json
import re
import ssl
import threading
import urllib.parse
from collections import Counter
from pathlib import Path
from typing import Any, Dict, Iterator, List, NamedTuple, Optional, Tuple, Union

CERTIFICATE = Path(__file__).resolve().parents[1] / "data" / "push" / "localhost.pem"


class Answer(NamedTuple):
    status: int = 200
    body: bytes = b""
    headers: Tuple[Tuple[str, str], ...] = ()


HANGS = Answer(0)  # no answer until the test ends
BREAKS = Answer(-1)  # the connection ends without one


class Request(NamedTuple):
    path: str
    query: Dict[str, str]
    headers: Dict[str, str]  # names in lower case
    parts: Dict[str, bytes]
    file_names: Dict[str, str]

    @property
    def name(self) -> str:
        return self.query["name"]

    @property
    def labels(self) -> Dict[str, str]:
        """As Pyroscope takes the name apart."""
        inner = self.name[self.name.index("{") + 1 : self.name.rindex("}")]
        return {name: value for name, _, value in (pair.partition("=") for pair in inner.split(",") if pair)}

    @property
    def config(self) -> Dict[str, Any]:
        return json.loads(self.parts["sample_type_config"])

    @property
    def profile(self) -> "Pprof":
        return Pprof(self.parts["profile"])


class IngestServer(http.server.ThreadingHTTPServer):
    """Gives the answers in their order, and then 200."""

    daemon_threads = True

    def __init__(self, *answers: Answer, tls: bool = False) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answers = list(answers)
        self.requests: List[Request] = []
        self.ended = threading.Event()
        self.url = f"{'https' if tls else 'http'}://127.0.0.1:{self.server_port}"
        if tls:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(CERTIFICATE)
            self.socket = context.wrap_socket(self.socket, server_side=True)

    def __enter__(self) -> "IngestServer":
        threading.Thread(target=self.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        return self

    def __exit__(self, *_: Any) -> None:
        self.ended.set()
        self.shutdown()
        self.server_close()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Handshakes that fail are part of the tests."""


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: IngestServer

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        path, _, query = self.path.partition("?")
        pairs = urllib.parse.parse_qsl(query, keep_blank_values=True, strict_parsing=True)
        assert len(dict(pairs)) == len(pairs)
        headers = {name.lower(): value for name, value in self.headers.items()}
        answer = self.server.answers.pop(0) if self.server.answers else Answer()
        self.server.requests.append(Request(path, dict(pairs), headers, *form_of(headers["content-type"], body)))
        self.give(answer)

    def give(self, answer: Answer) -> None:
        if answer in (HANGS, BREAKS):
            self.close_connection = True
            if answer == HANGS:
                self.server.ended.wait()
            return
        self.send_response(answer.status)
        for name, value in (*answer.headers, ("Content-Length", str(len(answer.body)))):
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(answer.body)

    def log_message(self, *_: Any) -> None:
        pass


def form_of(content_type: str, body: bytes) -> Tuple[Dict[str, bytes], Dict[str, str]]:
    """The parts of a multipart form, and the names of their files."""
    kind, _, boundary = content_type.partition("; boundary=")
    assert kind == "multipart/form-data"
    mark = b"\r\n--" + boundary.encode()
    first, *parts, end = (b"\r\n" + body).split(mark)
    assert (first, end) == (b"", b"--\r\n")
    content, names = {}, {}
    for part in parts:
        head, _, data = part.partition(b"\r\n\r\n")
        found = re.search(rb'form-data; name="([^"]*)"; filename="([^"]*)"', head)
        assert found
        name, file_name = (group.decode() for group in found.groups())
        content[name], names[name] = data, file_name
    return content, names


Field = Union[int, bytes]


def fields(message: bytes) -> Iterator[Tuple[int, Field]]:
    """The fields of a message in the encoding of protocol buffers."""
    at = 0
    while at < len(message):
        key, at = varint(message, at)
        value, at = varint(message, at)
        assert key & 7 in (0, 2)
        if key & 7 == 2:
            assert at + value <= len(message)
            yield key >> 3, message[at : at + value]
            at += value
        else:
            yield key >> 3, value


def varint(data: bytes, at: int) -> Tuple[int, int]:
    value = shift = 0
    while True:
        value |= (data[at] & 0x7F) << shift
        shift += 7
        at += 1
        if data[at - 1] < 0x80:
            return value, at


def varints(data: Field) -> List[int]:
    assert isinstance(data, bytes)
    values, at = [], 0
    while at < len(data):
        value, at = varint(data, at)
        values.append(value)
    return values


def only(message: Field, number: int, default: Optional[Field] = 0) -> Any:
    assert isinstance(message, bytes)
    found = [value for field, value in fields(message) if field == number]
    return found[0] if found else default


Label = Tuple[str, int, str]


class Pprof:
    """What pprof's profile.proto says, the messages being resolved."""

    def __init__(self, packed: bytes) -> None:
        self.message = gzip.decompress(packed)
        self.texts = [value.decode() for value in self.all(6) if isinstance(value, bytes)]
        functions = {only(f, 1): (self.texts[only(f, 4)], only(f, 5), self.texts[only(f, 3)]) for f in self.all(5)}
        locations = {only(place, 1): functions[only(only(place, 4), 1)] for place in self.all(4)}
        self.types = [(self.texts[only(kind, 1)], self.texts[only(kind, 2)]) for kind in self.all(1)]
        self.samples = [
            ([locations[place] for place in varints(only(s, 1, b""))], varints(only(s, 2, b""))) for s in self.all(2)
        ]
        self.time, self.duration = only(self.message, 9), only(self.message, 10)

    def all(self, number: int) -> List[Field]:
        return [value for field, value in fields(self.message) if field == number]

    def totals(self) -> Dict[Label, Tuple[int, int]]:
        """Of each function the calls and the own nanoseconds."""
        assert self.types == [("calls", "count"), ("time", "nanoseconds")]
        calls: Dict[Label, int] = Counter()
        times: Dict[Label, int] = Counter()
        for stack, (count, time) in self.samples:
            calls[stack[0]] += count
            times[stack[0]] += time
        return {label: (calls[label], times[label]) for label in calls}
