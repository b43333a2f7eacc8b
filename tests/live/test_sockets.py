"""Real sockets against real server processes and PostgreSQL's own notifications."""

import json
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from django.contrib.sessions.models import Session
from django.db import connection, transaction
from django.utils import timezone
from websockets.exceptions import InvalidStatus
from websockets.sync.client import ClientConnection

from accounts.models import Membership, User
from audit.live import announce
from live.frames import LONGEST_FRAME
from tests.live.conftest import World
from tests.live.servers import (
    Site,
    closing_code,
    free_port,
    get_json,
    join,
    receive,
    serve,
    sign_in,
    silence,
    wait_for_port,
)
from tests.live.test_announcements import MALFORMED

pytestmark = pytest.mark.slow


def tell(topic: str, version: int = 0) -> None:
    with transaction.atomic():
        announce(topic, version)


def follow(site: Site, user: User, topic: str, version: int = 0) -> ClientConnection:
    """Open a page of this person that follows one topic."""
    page = site.socket(sign_in(user))
    answer = join(page, **{topic.replace(":", "_"): version})
    assert topic in answer["joined"], answer
    return page


# --- opening -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "origin", ["http://evil.example", "null", "http://[", "http://127.0.0.1.evil.example", "file://"]
)
def test_a_page_of_another_site_cannot_open_a_socket(site: Site, world: World, origin: str) -> None:
    with pytest.raises(InvalidStatus) as refused:
        site.socket(sign_in(world.people["resident"]), origin=origin)
    assert refused.value.response.status_code == 403


def test_no_other_address_opens(site: Site, world: World) -> None:
    with pytest.raises(InvalidStatus) as refused:
        site.socket(sign_in(world.people["resident"]), path="/ws/other/")
    assert refused.value.response.status_code == 403


@pytest.mark.parametrize("cookie", ["", "nonsense", "x" * 32])
def test_nobody_is_sent_to_sign_in(site: Site, world: World, cookie: str) -> None:
    with closing(site.socket(cookie)) as page:
        assert closing_code(page) == 4401


def test_a_cookie_that_cannot_be_one_opens_nothing(site: Site, world: World) -> None:
    with pytest.raises(InvalidStatus) as refused:
        site.socket('"' + "\\000" * 8 + '"')
    assert refused.value.response.status_code == 403


def test_an_inactive_account_opens_nothing(site: Site, world: World) -> None:
    with closing(site.socket(sign_in(world.people["inactive"]))) as page:
        assert closing_code(page) == 4401


def test_one_person_cannot_open_sockets_without_end(site: Site, world: World) -> None:
    cookie = sign_in(world.people["resident"])
    with ExitStack() as pages:
        opened = [pages.enter_context(closing(site.socket(cookie))) for _ in range(31)]
        assert closing_code(opened[-1]) == 4429


# --- hints -------------------------------------------------------------------------------------------


def test_a_change_reaches_everybody_on_the_case_and_nobody_else(site: Site, world: World) -> None:
    with ExitStack() as pages:
        inside = [
            pages.enter_context(closing(follow(site, world.people[who], world.case.topic, 3)))
            for who in ("resident", "company", "mediator", "director")
        ]
        stranger = pages.enter_context(closing(site.socket(sign_in(world.people["competitor"]))))
        join(stranger, **{world.case.topic.replace(":", "_"): 3})
        began = time.monotonic()
        version = world.change_case()
        for page in inside:
            assert receive(page, "topic") == {"topic": world.case.topic, "version": version}
        assert time.monotonic() - began < 2
        assert silence(stranger)


def test_a_change_that_was_rolled_back_reaches_nobody(site: Site, world: World) -> None:
    with closing(follow(site, world.people["resident"], world.case.topic, 3)) as page:
        with transaction.atomic():
            announce(world.case.topic, 4)
            transaction.set_rollback(True)
        assert silence(page)


@pytest.mark.parametrize("who", ["stranger", "neighbour", "competitor", "other_intake", "other_mediator", "regulator"])
def test_foreign_and_nonexistent_are_the_same_answer(site: Site, world: World, who: str) -> None:
    with closing(site.socket(sign_in(world.people[who]))) as page:
        foreign = join(page, **{world.case.topic.replace(":", "_"): 0})
        nonexistent = join(page, case_999999=0)
        assert foreign == {"joined": {}, "refused": {world.case.topic: "no such topic"}}
        assert nonexistent == {"joined": {}, "refused": {"case:999999": "no such topic"}}
        world.change_case()
        assert silence(page)


def test_a_page_that_is_behind_is_told_at_once(site: Site, world: World) -> None:
    with closing(follow(site, world.people["resident"], world.case.topic, 2)) as page:
        assert receive(page, "topic") == {"topic": world.case.topic, "version": 3}


def test_a_page_that_is_up_to_date_is_not(site: Site, world: World) -> None:
    with closing(follow(site, world.people["resident"], world.case.topic, 3)) as page:
        assert silence(page)


def test_a_desk_that_was_drawn_before_the_last_news_is_told_at_once(site: Site, world: World) -> None:
    topic = f"centre:{world.centre.pk}"
    with closing(follow(site, world.people["director"], topic, int(time.time() * 1000) + 5_000)) as early:
        tell(topic)
        heard = receive(early, "topic")["version"]
    with closing(follow(site, world.people["intake"], topic, heard - 60_000)) as behind:
        assert receive(behind, "topic") == {"topic": topic, "version": heard}
    with closing(follow(site, world.people["intake"], topic, heard + 60_000)) as current:
        assert silence(current)


def test_news_of_a_district_reach_the_regulator_of_the_province(site: Site, world: World) -> None:
    with closing(follow(site, world.people["regulator"], "region:340000", 2**52)) as page:
        tell("region:440300")
        tell("region:340104")
        assert receive(page, "topic")["topic"] == "region:340000"
        assert silence(page)


def test_two_processes_both_tell_their_sockets(site: Site, second_site: Site, world: World) -> None:
    with ExitStack() as pages:
        opened = [
            pages.enter_context(closing(follow(place, world.people["resident"], world.case.topic, 3)))
            for place in (site, second_site)
        ]
        version = world.change_case()
        assert [receive(page, "topic")["version"] for page in opened] == [version, version]


def test_a_burst_ends_with_the_latest_version(site: Site, world: World) -> None:
    with closing(follow(site, world.people["resident"], world.case.topic, 3)) as page:
        for version in range(4, 504):
            tell(world.case.topic, version)
        while receive(page, "topic")["version"] != 503:
            pass
        assert silence(page)


# --- bad frames --------------------------------------------------------------------------------------


def test_a_malformed_frame_gets_one_error_and_the_socket_goes_on(site: Site, world: World) -> None:
    for text in MALFORMED:
        with closing(site.socket(sign_in(world.people["resident"]))) as page:
            page.send(text)
            assert json.loads(page.recv(timeout=5)) == {"error": "not understood"}
            assert join(page, **{world.case.topic.replace(":", "_"): 3})["joined"] == {world.case.topic: 3}
            assert silence(page, during=0.05)


def test_bytes_get_an_error_too(site: Site, world: World) -> None:
    with closing(site.socket(sign_in(world.people["resident"]))) as page:
        page.send(b"\x00\xff")
        assert json.loads(page.recv(timeout=5)) == {"error": "not understood"}


def test_a_huge_frame_closes_the_socket(site: Site, world: World) -> None:
    with closing(site.socket(sign_in(world.people["resident"]))) as page:
        page.send("x" * (LONGEST_FRAME * 100))
        assert closing_code(page) == 1009


def test_a_page_follows_no_more_than_20_topics(site: Site, world: World) -> None:
    cases = [world.make_case() for _ in range(20)]
    with closing(site.socket(sign_in(world.people["director"]))) as page:
        assert len(join(page, **{f"case_{case.pk}": 3 for case in cases})["joined"]) == 20
        page.send(json.dumps({"join": [{"topic": world.case.topic, "version": 3}]}))
        assert receive(page, "error") == {"error": "too many topics"}


def test_whoever_floods_is_closed(site: Site, world: World) -> None:
    with closing(site.socket(sign_in(world.people["resident"]))) as page:
        for _ in range(21):
            page.send("{}")
        assert closing_code(page) == 1008


# --- permissions that change -------------------------------------------------------------------------


def test_a_lost_membership_drops_the_topic_at_once_and_closes_with_the_last(site: Site, world: World) -> None:
    director = world.people["director"]
    own_desk = f"user:{director.pk}"
    with closing(follow(site, director, world.case.topic, 3)) as page:
        join(page, **{own_desk.replace(":", "_"): 2**52})
        with transaction.atomic():
            Membership.objects.filter(user=director).delete()
            announce(f"roles:{director.pk}", 0)
        assert receive(page, "dropped") == {"dropped": world.case.topic}
        world.change_case()
        assert silence(page)
        tell(own_desk)
        assert receive(page, "topic")["topic"] == own_desk


def test_a_socket_without_any_topic_left_is_closed(site: Site, world: World) -> None:
    with closing(follow(site, world.people["director"], world.case.topic, 3)) as page:
        with transaction.atomic():
            Membership.objects.filter(user=world.people["director"]).delete()
            announce(f"roles:{world.people['director'].pk}", 0)
        assert closing_code(page) == 4403


def test_a_deactivated_account_is_closed_within_five_seconds(site: Site, world: World) -> None:
    with closing(follow(site, world.people["resident"], world.case.topic, 3)) as page:
        User.objects.filter(pk=world.people["resident"].pk).update(is_active=False)
        assert closing_code(page, within=5) == 4401


def test_a_session_that_is_gone_is_closed_within_five_seconds(site: Site, world: World) -> None:
    cookie = sign_in(world.people["resident"])
    with closing(site.socket(cookie)) as page:
        join(page, **{world.case.topic.replace(":", "_"): 3})
        Session.objects.filter(pk=cookie).delete()
        assert closing_code(page, within=5) == 4401


def test_a_session_that_expired_is_closed_within_five_seconds(site: Site, world: World) -> None:
    cookie = sign_in(world.people["resident"])
    with closing(site.socket(cookie)) as page:
        Session.objects.filter(pk=cookie).update(expire_date=timezone.now())
        assert closing_code(page, within=5) == 4401


def test_a_new_password_closes_the_sockets_of_the_old_one(site: Site, world: World) -> None:
    with closing(follow(site, world.people["resident"], world.case.topic, 3)) as page:
        world.people["resident"].set_password("an entirely new one")
        world.people["resident"].save()
        assert closing_code(page, within=5) == 4401


def test_nobody_hears_anything_between_the_loss_and_the_close(site: Site, world: World) -> None:
    """The loss and the next change are announced by one transaction: the hint may go out, but carries no content."""
    with closing(follow(site, world.people["mediator"], world.case.topic, 3)) as page:
        with transaction.atomic():
            world.case.mediator = world.people["other_mediator"]
            world.case.save(update_fields=["mediator"])
            announce(f"roles:{world.people['mediator'].pk}", 0)
        assert closing_code(page) == 4403


# --- interruptions ------------------------------------------------------------------------------------


def terminate_listeners(name: str = "tiaochu live") -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE application_name = %s AND datname = current_database()",
            [name],
        )
        return len(cursor.fetchall())


def wait_for_listener(name: str) -> None:
    until = time.monotonic() + 30
    while time.monotonic() < until:
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM pg_stat_activity WHERE application_name = %s AND datname = current_database()"
                " AND query NOT LIKE '%%set_config%%'",  # the name is set, then comes LISTEN
                [name],
            )
            if cursor.fetchone():
                return
        time.sleep(0.05)
    raise AssertionError("nobody listens")


def test_after_a_lost_connection_everybody_asks_again(site: Site, world: World) -> None:
    with closing(follow(site, world.people["resident"], world.case.topic, 3)) as page:
        assert terminate_listeners() >= 1
        assert receive(page, "resync") == {"resync": True}
        version = world.change_case()
        assert receive(page, "topic")["version"] == version


def test_what_was_missed_meanwhile_comes_with_the_next_question(site: Site, world: World) -> None:
    with closing(follow(site, world.people["resident"], world.case.topic, 3)) as page:
        terminate_listeners()
        version = world.change_case()
        receive(page, "resync")
        join(page, **{world.case.topic.replace(":", "_"): 3})
        assert receive(page, "topic")["version"] == version


def test_polling_answers_where_no_socket_opens(site: Site, world: World) -> None:
    cookie = sign_in(world.people["resident"])
    version = world.change_case()
    url = f"{site.origin}/live/versions/?topic={world.case.topic}&topic=case:999999"
    assert get_json(url, cookie) == {world.case.topic: version}


# --- redis in between -----------------------------------------------------------------------------------


@pytest.fixture
def redis(tmp_path: Path) -> Iterator["Redis"]:
    program = shutil.which("redis-server")
    if program is None:
        pytest.skip("redis-server is not installed (Debian: apt-get install redis-server)")
    server = Redis(program, tmp_path)
    server.start()
    try:
        yield server
    finally:
        server.stop()


class Redis:
    """A redis of our own that forgets everything."""

    def __init__(self, program: str, directory: Path) -> None:
        self.port = free_port()
        options = ["--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", str(directory)]
        self.command = [program, "--port", str(self.port), *options]

    def start(self) -> None:
        self.process = subprocess.Popen(self.command, stdout=subprocess.DEVNULL)
        wait_for_port(self.port, self.process)

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(timeout=10)


def test_with_redis_one_process_listens_and_all_tell(redis: Redis, world: World, tmp_path: Path) -> None:
    environment = {"LIVE_LAYER": "redis", "REDIS_URL": f"redis://127.0.0.1:{redis.port}/0"}
    with ExitStack() as open_things:
        sites = [open_things.enter_context(serve(tmp_path, **environment)) for _ in range(2)]
        pages = [
            open_things.enter_context(closing(follow(place, world.people["resident"], world.case.topic, 3)))
            for place in sites
        ]
        wait_for_listener("tiaochu live, for all")
        version = world.change_case()
        assert [receive(page, "topic")["version"] for page in pages] == [version, version]

        assert terminate_listeners("tiaochu live, for all") == 1
        for page in pages:  # the same or another one takes over, and says so
            receive(page, "resync", within=15)
        version = world.change_case()
        assert [receive(page, "topic")["version"] for page in pages] == [version, version]

        redis.stop()
        world.change_case()  # lost
        time.sleep(0.5)
        redis.start()
        for page in pages:
            receive(page, "resync", within=15)
