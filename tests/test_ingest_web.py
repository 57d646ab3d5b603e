"""The polite client, against a real server: what it asks, what it refuses, and what bounds it."""

import socket
import ssl
import subprocess
import threading
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from corpus.errors import FetchError
from ingest.live.connections import is_public
from ingest.live.web import FAILURES_BEFORE_STOP, Blocked, Limits, Refused, Web
from tests.council_site import CouncilSite, answers, drips, huge, running, silence

LOCAL = frozenset({"127.0.0.1"})
Client = Callable[..., Web]


@pytest.fixture
def site() -> Iterator[CouncilSite]:
    """A council's site."""
    with running() as server:
        yield server


@pytest.fixture
def client() -> Iterator[Client]:
    """Make clients that are quick, and close them."""
    made: list[Web] = []

    def make(**limits: Any) -> Web:
        given = {"delay": 0.0, "first_wait": 0.005, "permitted_addresses": LOCAL, "seconds": 5.0, **limits}
        made.append(Web(Limits(**given)))
        return made[-1]

    yield make
    for web in made:
        web.close()


def reason(web: Web, url: str, kind: type[FetchError] = FetchError) -> str:
    """Return why an address gives nothing."""
    with pytest.raises(FetchError) as caught:
        web.get(url)
    assert type(caught.value) is kind
    return caught.value.reason


def test_answer_is_what_the_server_sent(site: CouncilSite, client: Client) -> None:
    """The body, its type and the time come back, and the server saw an honest name."""
    answer = client(contact="https://example.org/about").get(f"{site.url}/mgListCommittees.aspx")
    assert b"Planning Committee" in answer.body
    assert answer.content_type == "text/html"
    assert datetime.fromisoformat(answer.fetched) <= datetime.now(UTC)
    (agent,) = site.agents
    assert agent.startswith("Minutebook/")
    assert agent.endswith("(https://example.org/about)")


# -- politeness --------------------------------------------------------------------------------------


def test_robots_is_read_once_and_obeyed(site: CouncilSite, client: Client) -> None:
    """What robots.txt disallows is not asked for."""
    web = client()
    assert reason(web, f"{site.url}/private/x.aspx", Refused) == "robots.txt asks us not to"
    web.get(f"{site.url}/mgListCommittees.aspx")
    assert [path for path, _ in site.asked] == ["/robots.txt", "/mgListCommittees.aspx"]


def test_robots_may_name_us(site: CouncilSite, client: Client) -> None:
    """A group for Minutebook goes before the group for all."""
    site.robots = "User-agent: *\nAllow: /\n\nUser-agent: minutebook\nDisallow: /\n"
    assert reason(client(), site.url, Refused) == "robots.txt asks us not to"


def test_crawl_delay_of_robots_is_kept(site: CouncilSite, client: Client) -> None:
    """A delay that the site asks for, longer than ours, is ours."""
    site.robots = "User-agent: *\nCrawl-delay: 0.2\n"
    client(delay=0.01).get(f"{site.url}/mgListCommittees.aspx")
    assert site.asked[1][1] - site.asked[0][1] >= 0.19


def test_robots_that_cannot_be_read_allows_nothing(site: CouncilSite, client: Client) -> None:
    """A server error for robots.txt means that we do not know what we may ask (RFC 9309)."""
    site.faults["robots"] = answers(503)
    assert "robots.txt cannot be read" in reason(client(attempts=2), site.url)
    assert site.paths() == []


def test_missing_robots_allows_everything(site: CouncilSite, client: Client) -> None:
    """No robots.txt, no restriction."""
    site.faults["robots"] = answers(404)
    assert client().get(f"{site.url}/mgListCommittees.aspx").body


def test_requests_to_a_host_keep_their_distance(site: CouncilSite, client: Client) -> None:
    """Between two requests there is the delay."""
    web = client(delay=0.1)
    for _ in range(3):
        web.get(f"{site.url}/mgListCommittees.aspx")
    times = [when for _, when in site.asked]
    assert min(later - earlier for earlier, later in pairwise(times)) >= 0.09


@pytest.mark.parametrize("status", [429, 500, 502, 503, 504])
def test_busy_server_is_asked_again(site: CouncilSite, client: Client, status: int) -> None:
    """Two failures and then an answer is an answer."""
    site.faults["mgList"] = answers(status, 2)
    assert client().get(f"{site.url}/mgListCommittees.aspx").body
    assert len(site.paths("mgList")) == 3


def test_server_errors_end(site: CouncilSite, client: Client) -> None:
    """So many attempts, and then the failure with its reason."""
    site.faults["mgList"] = answers(500)
    assert reason(client(attempts=3), f"{site.url}/mgListCommittees.aspx") == (
        "the site answers 500 (internal server error)"
    )
    assert len(site.paths("mgList")) == 3


def test_host_that_fails_every_time_is_left_alone(site: CouncilSite, client: Client) -> None:
    """After some failures in a row nothing is asked any more."""
    site.faults["mgList"] = answers(500)
    web = client(attempts=1)
    for _ in range(FAILURES_BEFORE_STOP):
        reason(web, f"{site.url}/mgListCommittees.aspx")
    asked = len(site.asked)
    assert "does not answer" in reason(web, f"{site.url}/mgListCommittees.aspx", Blocked)
    assert len(site.asked) == asked


def test_retry_after_is_waited_for(site: CouncilSite, client: Client) -> None:
    """429 with Retry-After: the next attempt comes no sooner."""
    site.faults["mgList"] = answers(429, 1, Retry_After="1")
    client().get(f"{site.url}/mgListCommittees.aspx")
    first, second = [when for path, when in site.asked if "mgList" in path]
    assert second - first >= 1.0


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_retry_after_of_an_hour_ends_the_run_for_the_host(site: CouncilSite, client: Client, form: str) -> None:
    """We neither wait for an hour nor come back early."""
    hour = timedelta(hours=1)
    value = "3600" if form == "seconds" else format_datetime(datetime.now(UTC) + hour, usegmt=True)
    site.faults["mgList"] = answers(429, Retry_After=value)
    web = client()
    assert "asks us to come back in 3" in reason(web, f"{site.url}/mgListCommittees.aspx", Blocked)
    reason(web, f"{site.url}/ieListMeetings.aspx?CId=11&Year=2026", Blocked)
    assert len(site.paths()) == 1


def test_forbidden_stops_everything_at_the_host(site: CouncilSite, client: Client) -> None:
    """After 403 no further request goes to the host."""
    site.faults["mgList"] = answers(403)
    web = client()
    assert "403" in reason(web, f"{site.url}/mgListCommittees.aspx", Blocked)
    reason(web, f"{site.url}/ieListMeetings.aspx?CId=11&Year=2026", Blocked)
    assert len(site.paths()) == 1


def test_missing_page_is_not_asked_for_twice(site: CouncilSite, client: Client) -> None:
    """404 is an answer."""
    assert reason(client(), f"{site.url}/nothing") == "the site answers 404 (not found)"
    assert len(site.paths()) == 1


# -- limits ------------------------------------------------------------------------------------------


def test_answer_that_takes_a_minute_is_given_up(site: CouncilSite, client: Client) -> None:
    """The time for a request ends it; a second attempt is given the longer time, and no third is made."""
    site.faults["mgList"] = silence(60)
    began = time.monotonic()
    why = reason(client(seconds=0.2, slow_seconds=0.4), f"{site.url}/mgListCommittees.aspx")
    assert why == "gave no whole answer within 0.4 s"
    assert time.monotonic() - began < 3
    assert len(site.paths()) == 2


def test_slow_site_is_given_the_longer_time(site: CouncilSite, client: Client) -> None:
    """A site that needs longer than usual answers the second attempt."""
    site.faults["mgList"] = silence(0.5)
    assert client(seconds=0.2, slow_seconds=5).get(f"{site.url}/mgListCommittees.aspx").body


@pytest.mark.parametrize(
    "head",
    [b"HTTP/1.1 200 OK\r\nX-Never-Ending: ", b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n"],
    ids=["headers", "body"],
)
def test_dripping_server_is_given_up(site: CouncilSite, client: Client, head: bytes) -> None:
    """A byte now and then does not keep a request alive, in the headers or in the body."""
    site.faults["mgList"] = drips(head)
    began = time.monotonic()
    assert "within 0.3 s" in reason(client(seconds=0.3, slow_seconds=0.3), f"{site.url}/mgListCommittees.aspx")
    assert time.monotonic() - began < 3


@pytest.mark.parametrize("announced", [True, False])
def test_body_of_two_gigabytes_costs_neither_memory_nor_time(
    site: CouncilSite, client: Client, announced: bool
) -> None:
    """A body is read up to the limit, announced or not."""
    site.faults[".pdf"] = huge(announced)
    web = client(max_bytes=4_000_000)
    tracemalloc.start()
    try:
        began = time.monotonic()
        assert reason(web, f"{site.url}/x.pdf") == "is larger than 4 MB: not fetched"
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert time.monotonic() - began < 5
    assert peak < 20_000_000


def test_endless_robots_is_cut(site: CouncilSite, client: Client) -> None:
    """A robots.txt without end is read as far as robots.txt files go."""
    site.faults["robots"] = huge(False)
    assert client().get(f"{site.url}/mgListCommittees.aspx").body


# -- where requests go -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "address",
    """127.0.0.1 10.1.2.3 172.16.0.9 192.168.1.1 169.254.169.254 100.64.0.1 0.0.0.0 224.0.0.1 240.0.0.1 ::1 fe80::1
    fc00::1 ff02::1 :: ::ffff:10.0.0.1 ::ffff:127.0.0.1 64:ff9b::a00:1 2002:7f00:1::""".split(),
)
def test_private_address_is_not_public(address: str) -> None:
    """Whatever it is wrapped in."""
    assert not is_public(address)


@pytest.mark.parametrize("address", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946", "::ffff:93.184.216.34"])
def test_address_of_the_internet_is_public(address: str) -> None:
    """So sites can be asked at all."""
    assert is_public(address)


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f.1", "localhost", "[::1]", "[::ffff:127.0.0.1]"])
def test_nothing_is_sent_to_this_machine(site: CouncilSite, client: Client, host: str) -> None:
    """Without permission the server is never reached, however its address is written."""
    port = site.server_address[1]
    assert "private address" in reason(client(permitted_addresses=frozenset()), f"http://{host}:{port}/", Refused)
    assert site.asked == []


@pytest.mark.parametrize("target", ["http://10.0.0.7/secret", "http://169.254.169.254/latest/meta-data/"])
def test_redirect_to_a_private_address_is_not_followed(site: CouncilSite, client: Client, target: str) -> None:
    """The check is made for every hop."""
    site.faults["mgList"] = answers(302, Location=target)
    assert "private address" in reason(client(), f"{site.url}/mgListCommittees.aspx", Refused)


def test_name_that_turns_private_between_two_lookups_gains_nothing(
    site: CouncilSite, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The address that was checked is the one connected to: each connection looks the name up once."""
    looked_up: list[str] = []
    real = socket.getaddrinfo

    def rebinding(host: str, port: int, *rest: Any, **more: Any) -> Any:
        if host != "council.example":
            return real(host, port, *rest, **more)
        looked_up.append(host)
        return real("127.0.0.1" if len(looked_up) == 1 else "10.0.0.1", port, *rest, **more)

    monkeypatch.setattr(socket, "getaddrinfo", rebinding)
    port = site.server_address[1]
    assert client().get(f"http://council.example:{port}/mgListCommittees.aspx").body
    assert len(looked_up) == 1
    assert "private address (10.0.0.1)" in reason(client(), f"http://council.example:{port}/x", Refused)


def test_name_with_one_private_address_among_others_is_refused(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """All addresses of a name must be public."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (ip, 80)) for ip in ("93.184.216.34", "10.0.0.1")]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert "private address (10.0.0.1)" in reason(client(), "http://council.example/", Refused)


def test_unusual_port_is_refused(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Mail servers and databases are not asked for minutes."""
    found = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("93.184.216.34", 25))]
    monkeypatch.setattr(socket, "getaddrinfo", lambda *_, **__: found)
    assert reason(client(), "http://council.example:25/", Refused) == "port 25 is not one that sites are asked on"


@pytest.mark.parametrize(
    "url",
    ["file:///etc/passwd", "ftp://council.example/", "http://me:secret@council.example/", "http://", "http://a:b/"],
)
def test_other_addresses_are_refused(client: Client, url: str) -> None:
    """Only plain web addresses are asked."""
    assert reason(client(), url, Refused) == "is not a plain http or https address"


@pytest.mark.parametrize("target", ["http://[/", "http://council.example\u2100/"])
def test_redirect_to_an_address_that_is_none_is_a_failure(site: CouncilSite, client: Client, target: str) -> None:
    """A site that sends nonsense costs its own answer only."""
    site.faults["mgList"] = answers(302, Location=target.encode().decode("latin-1"))
    assert reason(client(), f"{site.url}/mgListCommittees.aspx")


@pytest.mark.parametrize("path", ["/x\r\nX-Injected: 1", "/x HTTP/1.1\r\nHost: evil\r\n\r\n"])
def test_no_address_adds_a_header(site: CouncilSite, client: Client, path: str) -> None:
    """Line ends in an address are refused or stay inside the request line."""
    with suppress(FetchError):
        client().get(f"{site.url}{path}")
    assert all("\r" not in asked and "\n" not in asked for asked, _ in site.asked)
    assert len([asked for asked, _ in site.asked if asked != "/robots.txt"]) <= 1


def test_redirects_are_followed(site: CouncilSite, client: Client) -> None:
    """The answer says where it came from."""
    site.faults["/old"] = answers(301, Location="/mgListCommittees.aspx")
    answer = client().get(f"{site.url}/old")
    assert (answer.url, answer.final_url) == (f"{site.url}/old", f"{site.url}/mgListCommittees.aspx")


def test_redirects_in_a_circle_end(site: CouncilSite, client: Client) -> None:
    """Five are enough."""
    site.faults["/old"] = answers(302, Location="/old")
    assert reason(client(), f"{site.url}/old") == "redirects more than 5 times"
    assert len(site.paths()) == 6


def test_name_without_address_is_a_failure_that_says_so(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """A host that has gone is reported by name."""

    def unknown(*_: Any, **__: Any) -> Any:
        raise socket.gaierror(-2, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    assert "gone.example is not found" in reason(client(attempts=2), "http://gone.example/")


# -- TLS ---------------------------------------------------------------------------------------------


@pytest.fixture
def secure_url(tmp_path: Path) -> Iterator[str]:
    """The address of a site whose certificate nobody vouches for; it sends plain http on from /plain."""
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=127.0.0.1"]
    command += ["-addext", "subjectAltName=IP:127.0.0.1", "-keyout", str(key), "-out", str(certificate)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("openssl is not here")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server = CouncilSite()
    server.socket = context.wrap_socket(server.socket, server_side=True)
    server.faults["/plain"] = answers(302, Location="http://127.0.0.1/mgListCommittees.aspx")
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    yield server.url.replace("http:", "https:")
    server.shutdown()
    server.server_close()
    thread.join()


def test_certificate_is_verified(secure_url: str, client: Client) -> None:
    """One that cannot be verified ends the request at once, and the reason names the way out."""
    why = reason(client(), f"{secure_url}/mgListCommittees.aspx")
    assert "certificate cannot be verified" in why
    assert "--insecure" in why


def test_exception_from_verification_is_explicit(secure_url: str, client: Client) -> None:
    """verify=False asks all the same; a redirect from https to http is still refused."""
    web = client(verify=False)
    assert web.get(f"{secure_url}/mgListCommittees.aspx").body
    assert "redirects from https to" in reason(web, f"{secure_url}/plain", Refused)
