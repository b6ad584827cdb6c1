"""Files in buckets: S3, Google Cloud Storage and Azure, through the drivers that come with pyarrow.

Credentials come from the environment, as the drivers read them.
"""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, replace
from datetime import timedelta
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self
from urllib.parse import urlsplit

import pyarrow as pa

from data.errors import InputError
from intake.stores.address import GIVEN, shown
from intake.stores.stored import A_FILE, A_FOLDER, NOTHING, Stored

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from pyarrow.fs import FileInfo, FileSystem

SECONDS: Final = 10
"""How long a store may take to be reached."""

NAME: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{1,221}")
"""Of a bucket."""

AZURE_HOST: Final = re.compile(
    r"(?P<account>[a-z0-9]{3,24})\.(?:dfs|blob)\.core\.windows\.net", re.IGNORECASE
)

# What drivers raise: their own errors, and those of the system.
FAULTS: Final = (OSError, pa.ArrowException)

# What drivers say of a fault, in the words of three stores, and what of it the user is told.
MEANINGS: Final = (
    (r"NO_SUCH_BUCKET|ContainerNotFound|[Bb]ucket .*(?:not found|does not exist)", "there is no such bucket"),
    (
        r"PERMANENT_REDIRECT|AUTHORIZATION_HEADER_MALFORMED|HTTP status 301",
        "its bucket is in another region; expected its name in AWS_REGION",
    ),
    (
        (
            r"ACCESS_DENIED|INVALID_ACCESS_KEY_ID|INVALID_CLIENT_TOKEN_ID|SIGNATURE_DOES_NOT_MATCH|EXPIRED|"
            r"UNRECOGNIZED_CLIENT|MISSING_AUTHENTICATION_TOKEN|PERMISSION_DENIED|UNAUTHENTICATED|Authenti|"
            r"Authoriz|credential|Base64|HTTP status code:? 40[13]|\b40[13] "
        ),
        "no access; expected credentials in the environment, such as {credentials}",
    ),
    (
        r"NETWORK_CONN|curl|UNAVAILABLE|DEADLINE|not connect|resolve host|new connection|time(?:d )?out",
        "the store cannot be reached; is this machine offline, or the endpoint misspelt?",
    ),
    (r"NO_SUCH_KEY|NOT_FOUND|does not exist|No such file|PATH_NOT_FOUND|BlobNotFound", "it does not exist"),
    (
        r"SLOW_DOWN|THROTTLING|RESOURCE_EXHAUSTED|\b(?:429|503)\b",
        "the store is asked too often; try again later",
    ),
)


class Driver(NamedTuple):
    """How the buckets of a scheme are reached."""

    connect: Callable[[str, str], Any]
    credentials: str


@dataclass(frozen=True, eq=True, repr=False)
class Bucketed(Stored):
    """A path in a bucket.

    Attributes
    ----------
    authority
        The bucket; of Azure perhaps with the account, CONTAINER@ACCOUNT.dfs.core.windows.net.
    known
        What it is, where a listing has told.
    """

    scheme: str
    authority: str
    below: tuple[str, ...] = ()
    known: str = field(default="", compare=False)

    def __str__(self) -> str:
        return "/".join((f"{self.scheme}://{self.authority}", *self.below))

    __repr__ = __str__

    @property
    def root(self) -> Self:
        """The bucket."""
        return replace(self, below=(), known="")

    @property
    def parent(self) -> Self:
        """The folder that it stands in."""
        return replace(self, below=self.below[:-1], known="")

    @cached_property
    def kind(self) -> str:
        """What it is; the store is asked once."""
        return self.known or _kind(self._asked(lambda files: files.get_file_info(self._key)))

    def joined(self, name: str) -> Self:
        """Return what is called so in this folder."""
        return replace(self, below=(*self.below, name), known="")

    def iterdir(self) -> Iterator[Self]:
        """Give what stands in a folder."""
        return self._listed(deep=False)

    def rglob(self, pattern: str) -> Iterator[Self]:
        """Give what stands in a folder and its folders, as one listing tells; only * is needed."""
        if pattern != "*":
            return super().rglob(pattern)
        return self._listed(deep=True)

    def open(self, *, anywhere: bool = True) -> pa.NativeFile:  # noqa: ARG002 - buckets serve any place
        """Open a file for reading, piece by piece.

        Raises
        ------
        InputError
        """
        return self._asked(lambda files: files.open_input_file(self._key))

    def why(self, fault: BaseException) -> str:
        """Say in a clause what a fault of the store means; the driver's own words may hold anything."""
        said = str(fault)
        means = next(
            (words for sign, words in MEANINGS if re.search(sign, said)), "the store answers with a fault"
        )
        return means.format(credentials=DRIVERS[self.scheme].credentials)

    @property
    def _key(self) -> str:
        return "/".join((self.authority.partition("@")[0], *self.below))

    def _listed(self, *, deep: bool) -> Iterator[Self]:
        selector = _drivers().FileSelector(self._key, recursive=deep)
        above = len(self._key) + 1
        for info in self._asked(lambda files: files.get_file_info(selector)):
            names = info.path[above:].strip("/").split("/")
            yield replace(self, below=(*self.below, *names), known=_kind(info))

    def _asked(self, ask: Callable[[FileSystem], Any]) -> Any:
        try:
            return ask(DRIVERS[self.scheme].connect(self.authority, _endpoint(self.scheme)))
        except FAULTS as fault:
            # The driver's own words are left out of what other processes hand on.
            raise InputError(f"{str(self)!r} cannot be read: {self.why(fault)}") from None


def bucketed(scheme: str, authority: str, rest: str, named: str) -> Bucketed:
    """Return the path of an address, taken apart.

    Parameters
    ----------
    named
        The address as it may be told.

    Raises
    ------
    InputError
        If it names no bucket, or holds credentials.
    """
    bucket, at, host = authority.partition("@")
    azure = scheme == "abfs" and (not at or AZURE_HOST.fullmatch(host))
    if (at and not azure) or re.search(GIVEN, rest):
        allowed = (
            "abfs://CONTAINER@ACCOUNT.dfs.core.windows.net/PATH"
            if scheme == "abfs"
            else f"{scheme}://BUCKET/PATH"
        )
        raise InputError(
            f"{named!r} holds more than a bucket and a path: expected {allowed}; credentials come from the "
            f"environment, such as {DRIVERS[scheme].credentials}"
        )
    if not NAME.fullmatch(bucket) or rest[:1] not in {"", "/"}:
        raise InputError(f"{named!r} names no bucket: expected {scheme}://BUCKET/PATH")
    path = rest.removeprefix("/").removesuffix("/")
    names = tuple(path.split("/")) if path else ()
    if not all(names) or {".", ".."} & {*names}:
        raise InputError(f"{named!r} has an empty name, . or .. between two slashes: give the path in full")
    return Bucketed(scheme, authority, names)


def _kind(info: FileInfo) -> str:
    kinds = _drivers().FileType
    return {kinds.File: A_FILE, kinds.Directory: A_FOLDER}.get(info.type, NOTHING)


def _drivers() -> Any:
    """Return pyarrow's drivers, which are loaded when a store is first asked."""
    import pyarrow.fs  # noqa: PLC0415

    return pyarrow.fs


def _driver(name: str) -> Any:
    try:
        return getattr(_drivers(), name)
    except (ImportError, AttributeError):
        raise InputError(
            f"this pyarrow ({pa.__version__}) was built without its {name}: install the one that "
            "requirements.txt names"
        ) from None


def _given(*names: str) -> str:
    """Return the first of some variables of the environment that is given."""
    return next((os.environ[name] for name in names if os.environ.get(name)), "")


def _endpoint(scheme: str) -> str:
    """Return the address of the store, where the environment names another than the public one."""
    return _given(*ENDPOINTS.get(scheme, ()))


ENDPOINTS: Final = {
    "s3": ("AWS_ENDPOINT_URL_S3", "AWS_ENDPOINT_URL"),
    "gs": ("STORAGE_EMULATOR_HOST", "CLOUD_STORAGE_EMULATOR_ENDPOINT"),
}
"""Variables that name another address of a store; pyarrow itself reads none of S3."""


def _host(endpoint: str, scheme: str) -> dict[str, str]:
    """Take an endpoint apart, as the drivers want it."""
    found = urlsplit(endpoint if "://" in endpoint else f"http://{endpoint}")
    if found.scheme not in {"http", "https"} or not found.hostname or found.username or found.path.strip("/"):
        raise InputError(
            f"{' or '.join(ENDPOINTS[scheme])} is {shown(endpoint)!r}: expected an address without user "
            "and path, such as https://storage.example.org:9000"
        )
    return {"scheme": found.scheme, "endpoint_override": found.netloc}


@cache
def connect_s3(bucket: str, endpoint: str) -> Any:
    """Return the driver of S3, which is kept."""
    driver = _driver("S3FileSystem")
    if endpoint:
        return driver(connect_timeout=SECONDS, **_host(endpoint, "s3"))
    region = _given("AWS_REGION", "AWS_DEFAULT_REGION") or _drivers().resolve_s3_region(bucket)
    return driver(connect_timeout=SECONDS, region=region)


@cache
def connect_gs(_bucket: str, endpoint: str) -> Any:
    """Return the driver of Google Cloud Storage, which is kept."""
    # An emulator knows nobody; else the driver would go on for a quarter of an hour.
    other = {"anonymous": True, **_host(endpoint, "gs")} if endpoint else {}
    return _driver("GcsFileSystem")(retry_time_limit=timedelta(seconds=SECONDS), **other)


@cache
def connect_abfs(authority: str, _endpoint: str) -> Any:
    """Return the driver of an account of Azure, which is kept."""
    host = AZURE_HOST.fullmatch(authority.partition("@")[2])
    account = host["account"] if host else _given("AZURE_STORAGE_ACCOUNT_NAME", "AZURE_STORAGE_ACCOUNT")
    if not account:
        raise InputError(
            f"'abfs://{authority}' names no account: give abfs://CONTAINER@ACCOUNT.dfs.core.windows.net/PATH "
            "or, in the environment, AZURE_STORAGE_ACCOUNT_NAME"
        )
    key = _given("AZURE_STORAGE_ACCOUNT_KEY", "AZURE_STORAGE_KEY")
    token = _given("AZURE_STORAGE_SAS_TOKEN")
    own = {"account_key": key} if key else {"sas_token": token} if token else {}
    return _driver("AzureFileSystem")(account, **own)


DRIVERS: Final = {
    "s3": Driver(connect_s3, "AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or AWS_PROFILE"),
    "gs": Driver(connect_gs, "GOOGLE_APPLICATION_CREDENTIALS"),
    "abfs": Driver(connect_abfs, "AZURE_STORAGE_ACCOUNT_KEY, AZURE_STORAGE_SAS_TOKEN or AZURE_CLIENT_ID"),
}
