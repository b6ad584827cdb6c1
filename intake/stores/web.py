"""Files of a web server: read stretch by stretch where it gives stretches, else once from the start.

The web knows no folders. An address that ends with a slash is one if it answers with a page of links, as web
servers write them for a folder without a page of its own.
"""

from __future__ import annotations

import io
import re
from dataclasses import dataclass, field
from functools import cached_property
from html.parser import HTMLParser
from typing import TYPE_CHECKING, Any, Final, Self
from urllib.parse import quote, unquote, urljoin, urlsplit, urlunsplit

import pyarrow as pa
import requests
from requests.exceptions import ConnectionError as NoConnection
from requests.exceptions import RequestException, SSLError, Timeout
from urllib3.exceptions import HTTPError

from data.errors import InputError, reason
from intake.stores.address import HERE, HTTP, HTTPS, shown
from intake.stores.stored import A_FILE, A_FOLDER, NOTHING, Stored

if TYPE_CHECKING:
    from collections.abc import Iterator

SECONDS: Final = (10, 60)
"""How long a server may take to be reached, and to say the next word."""

TRIES, HOPS = 3, 5
"""How often a stretch is asked for before it is given up, and how often an answer may lead elsewhere."""

LONGEST_PAGE, MOST_PAGES = 1 << 22, 1_000
"""Bytes of a page of links, and how many pages are followed."""

PIECE: Final = 1 << 16
UNPACKED: Final = {"Accept-Encoding": "identity"}
STRETCH: Final = re.compile(r"bytes (\d+)-(\d+)/(\d+)")


@dataclass(frozen=True, repr=False)
class Web(Stored):
    """An address of the web; the address itself may hold secrets and is never told.

    Attributes
    ----------
    known
        What it is, where a page of links has told.
    """

    url: str
    known: str = field(default="", compare=False)

    def __str__(self) -> str:
        return shown(self.url)

    __repr__ = __str__

    @property
    def below(self) -> tuple[str, ...]:
        """The names of the path."""
        return tuple(unquote(name) for name in urlsplit(self.url).path.strip("/").split("/") if name)

    @property
    def root(self) -> Self:
        """The host."""
        return self._at("/")

    @property
    def parent(self) -> Self:
        """The folder that it stands in."""
        return self._at(urlsplit(self.url).path.rstrip("/").rpartition("/")[0] + "/")

    @cached_property
    def kind(self) -> str:
        """What it is; the server is asked once."""
        if self.known or urlsplit(self.url).path.endswith("/") or not self.below:
            return self.known or A_FOLDER
        with requests.Session() as session, _answer(session, self, "bytes=0-0") as answer:
            if answer.status_code in {404, 410}:
                return NOTHING
            # A server that knows a folder leads to its name with a slash.
            return A_FOLDER if urlsplit(answer.url).path.endswith("/") else A_FILE

    def joined(self, name: str) -> Self:
        """Return what is called so in this folder."""
        return self._at(f"{urlsplit(self.url).path.rstrip('/')}/{quote(name)}")

    def iterdir(self) -> Iterator[Self]:
        """Give what the page of a folder links to inside of it."""
        folder = self._at(urlsplit(self.url).path.rstrip("/") + "/")
        base = urlsplit(folder.url)
        for link in _links(folder):
            found = urlsplit(_joined(folder.url, link))
            inside = found.path.removeprefix(base.path)
            if found[:2] == base[:2] and inside != found.path and re.fullmatch(r"[^/]+/?", inside):
                known = A_FOLDER if inside.endswith("/") else A_FILE
                yield type(self)(self._at(found.path).url, known)

    def rglob(self, pattern: str) -> Iterator[Self]:
        """Give what stands in a folder and its folders, as far as they are so many.

        Raises
        ------
        InputError
        """
        pages = 0
        for one in super().rglob(pattern):
            pages += one.is_dir()
            if pages > MOST_PAGES:
                raise InputError(f"{str(self)!r} holds more than {MOST_PAGES:,} folders: name one of them")
            yield one

    def open(self, *, anywhere: bool = True) -> pa.NativeFile:
        """Open a file for reading, piece by piece.

        Raises
        ------
        InputError
        """
        file = _File(self)
        if anywhere and not file.seekable():
            file.close()
            raise InputError(
                f"{str(self)!r} cannot be read at any place, as Parquet is: its server gives a file only "
                "from the start; download it, and give the file"
            )
        return pa.PythonFile(file, mode="r")

    def why(self, fault: BaseException) -> str:
        """Say in a clause what a fault means."""
        return reason(fault)

    def _at(self, path: str) -> Self:
        # What signs a folder signs its files, too.
        return type(self)(urlunsplit(urlsplit(self.url)._replace(path=path)))


def web(source: str) -> Web:
    """Return the path of an address.

    Raises
    ------
    InputError
        If it names no host, or plain http with another than this machine.
    """
    named = shown(source)
    try:
        found = urlsplit(source)
        host, _ = found.hostname, found.port
    except ValueError:
        host = None
    if not host or re.search(r"[\s\\]", host):
        raise InputError(f"{named!r} names no host: expected https://HOST/PATH")
    if found.scheme == HTTP and host not in HERE:
        raise InputError(
            f"{named!r} would be read unprotected: give https://, which http:// is only for localhost"
        )
    return Web(urlunsplit(found._replace(fragment="")))


class _File(io.RawIOBase):
    """A file of a web server."""

    def __init__(self, path: Web) -> None:
        super().__init__()
        self._path, self._at = path, 0
        self._session = requests.Session()
        self._stream: requests.Response | None = None
        self.size, self._mark = -1, ""
        try:
            self._begin()
        except BaseException:
            self.close()
            raise

    def _begin(self) -> None:
        """Ask for the first byte: the answer is it and the size, or the whole."""
        answer = _answer(self._session, self._path, "bytes=0-0")
        if answer.status_code in {404, 410}:
            answer.close()
            raise InputError(f"{str(self._path)!r} does not exist")
        if answer.status_code == 200:
            self._stream = answer
            return
        with answer:
            if answer.status_code == 416:
                self.size = 0
                return
            self.size, self._mark = _stretch(answer, self._path, 0), _mark(answer)

    def readable(self) -> bool:
        """Say that this is for reading."""
        return True

    def seekable(self) -> bool:
        """Say whether the server gives stretches."""
        return self._stream is None

    def tell(self) -> int:
        """Return where the next byte is read."""
        return self._at

    def seek(self, offset: int, whence: int = io.SEEK_SET, /) -> int:
        """Go to a byte."""
        if not self.seekable():
            raise io.UnsupportedOperation("the server gives no stretches of a file")
        self._at = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._at, io.SEEK_END: self.size}[whence]
        return self._at

    def read(self, size: int = -1, /) -> bytes:
        """Return the next bytes, so many unless the file ends."""
        if self._stream is not None:
            out = self._next(self._stream, size)
        else:
            left = max(self.size - self._at, 0)
            out = self._stretch(left if size < 0 else min(size, left))
        self._at += len(out)
        return out

    def close(self) -> None:
        """Close the connection."""
        if not self.closed:
            if self._stream is not None:
                self._stream.close()
            self._session.close()
        super().close()

    def _next(self, stream: requests.Response, size: int) -> bytes:
        try:
            return bytes(stream.raw.read(None if size < 0 else size, decode_content=False))
        except (HTTPError, OSError):
            raise InputError(f"{str(self._path)!r} broke off after {self._at:,} bytes: try again") from None

    def _stretch(self, size: int) -> bytes:
        """Ask for bytes; once more where the connection breaks."""
        if not size:
            return b""
        wanted = f"bytes={self._at}-{self._at + size - 1}"
        for _ in range(TRIES):
            with _answer(self._session, self._path, wanted) as answer:
                if (answer.status_code, _mark(answer)) != (206, self._mark) or (
                    _stretch(answer, self._path, self._at) != self.size
                ):
                    raise InputError(f"{str(self._path)!r} changed while it was read: try again")
                try:
                    out = bytes(answer.raw.read(size, decode_content=False))
                except (HTTPError, OSError):
                    continue
                if len(out) == size:
                    return out
        raise InputError(f"{str(self._path)!r} broke off after {self._at:,} bytes: try again")


def _answer(session: requests.Session, path: Web, stretch: str = "") -> requests.Response:
    """Ask a server, and go where it leads; what it answers is read later, and has to be closed.

    Raises
    ------
    InputError
        If it cannot be reached, refuses or leads away from https.
    """
    url, named = path.url, repr(str(path))
    headers = UNPACKED | ({"Range": stretch} if stretch else {})
    for _ in range(HOPS):
        try:
            answer = session.get(url, headers=headers, stream=True, timeout=SECONDS, allow_redirects=False)
        except RequestException as fault:
            raise InputError(f"{named} {_unreached(fault)}") from None
        if not answer.is_redirect:
            return _checked(answer, path)
        answer.close()
        url = _further(url, answer.headers["location"], named)
    raise InputError(f"{named} leads from address to address, more than {HOPS} times")


def _further(url: str, location: str, named: str) -> str:
    """Return where an answer leads; who asked is told to the same host alone."""
    before, after = urlsplit(url), urlsplit(_joined(url, location))
    if after.scheme != HTTPS and (
        after.scheme != HTTP or before.hostname not in HERE or after.hostname not in HERE
    ):
        raise InputError(f"{named} leads to an address that is not https, which is not followed")
    user, _, host = before.netloc.rpartition("@")
    same = user and (after.scheme, after.netloc) == (before.scheme, host)
    return urlunsplit(after._replace(netloc=f"{user}@{host}") if same else after)


def _joined(url: str, link: str) -> str:
    """Return where a link of a page leads; nowhere if it is none."""
    try:
        return urljoin(url, link)
    except ValueError:
        return ""


def _checked(answer: requests.Response, path: Web) -> requests.Response:
    """Refuse an answer that is neither a file nor that there is none."""
    status, named = answer.status_code, repr(str(path))
    packed = answer.headers.get("Content-Encoding", "identity")
    if status in {200, 206, 404, 410, 416} and (packed == "identity" or path.suffixes[-1:] == [".gz"]):
        return answer
    answer.close()
    if status in {401, 403, 407}:
        raise InputError(
            f"{named} cannot be read: no access ({status}); expected a signed address, a user and password "
            "in it, or a ~/.netrc that has them"
        )
    if status < 300:
        raise InputError(f"{named} cannot be read: its server packs it ({packed!r}) without being asked to")
    raise InputError(f"{named} cannot be read: its server answers {status}")


def _unreached(fault: RequestException) -> str:
    """Say what kept a server from answering; a fault's own words hold the address."""
    if isinstance(fault, SSLError):
        return "cannot be read: the certificate of its server is not trusted"
    if isinstance(fault, Timeout):
        return f"cannot be read: its server does not answer within {SECONDS[1]} seconds"
    if isinstance(fault, NoConnection):
        return "cannot be reached: is this machine offline, or the host misspelt?"
    return "is no address that can be asked for"


def _stretch(answer: requests.Response, path: Web, start: int) -> int:
    """Return the size of the whole file, as an answer with a stretch that begins there tells it."""
    found = STRETCH.fullmatch(answer.headers.get("Content-Range", ""))
    if found is None or int(found[1]) != start:
        raise InputError(
            f"{str(path)!r} cannot be read: its server gives another stretch than it was asked for"
        )
    return int(found[3])


def _mark(answer: requests.Response) -> str:
    """Return what tells one state of a file from another."""
    return str(answer.headers.get("ETag") or answer.headers.get("Last-Modified") or "")


def _links(folder: Web) -> list[str]:
    """Return the links of a page, each once."""
    with requests.Session() as session, _answer(session, folder) as answer:
        if answer.status_code != 200 or "html" not in answer.headers.get("Content-Type", ""):
            raise InputError(
                f"{str(folder)!r} shows no files: https knows no folders, and its server writes no page of "
                "links; give the address of a file"
            )
        try:
            page = bytes(answer.raw.read(LONGEST_PAGE, decode_content=False))
        except (HTTPError, OSError):
            raise InputError(f"{str(folder)!r} broke off: try again") from None
    reader = _Links()
    reader.feed(page.decode("utf-8", errors="replace"))
    return list(dict.fromkeys(reader.found))


class _Links(HTMLParser):
    """Gathers where a page leads."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, Any]]) -> None:
        """Keep where a link leads."""
        self.found += [where for name, where in attrs if tag == "a" and name == "href" and where]
