from collections import Counter
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fashion_assets.catalog.fetching.limits import FetchLimits
from fashion_assets.catalog.fetching.outcomes import Failure, Kind, Outcome, Photo, Task, Validators
from fashion_assets.catalog.fetching.schedule import Schedule

PHOTO = Photo("0" * 64, 100, Validators())
NOT_THERE = Failure(Kind.MISSING, "404 Not Found")
BROKEN = Failure(Kind.PASSES, "the connection broke")
SLOW = Failure(Kind.LATER, "not complete within 60 s")
MANY = 10_000


def schedule_of(photos: dict[str, int], **limits) -> Schedule:
    """So many photos of each host."""

    def tasks(host: str, after: int) -> list[Task]:
        return [Task(f"http://{host}/{n}", host, n) for n in range(after + 1, min(photos[host], after + 4))]

    return Schedule(FetchLimits(**{"first_wait_seconds": 1, **limits}), photos, tasks)


def taken(schedule: Schedule, now: float = 0) -> list[Task]:
    """All that may be sent now."""
    return list(iter(lambda: schedule.next(now), None))


def run(schedule: Schedule, outcomes: Iterator[Outcome]) -> tuple[list[Task], float]:
    """Everything, each task done in no time; returns the tasks at their end, and the time that it took."""
    now, final = 0.0, []
    while not schedule.is_over:
        final += [task for task in taken(schedule, now) if schedule.settle(task, next(outcomes), now)]
        now += schedule.seconds_until_next(now) or 0
    return final, now


def always(outcome: Outcome) -> Iterator[Outcome]:
    return iter(lambda: outcome, None)


def test_no_host_gets_more_than_its_share_and_none_waits_for_another():
    schedule = schedule_of({"slow": MANY, "fast": MANY, "small": 1})
    first = taken(schedule)
    assert sorted(task.host for task in first) == ["fast"] * 4 + ["slow"] * 4 + ["small"]
    for task in first:
        if task.host == "fast":
            assert schedule.settle(task, PHOTO, 0)
    assert [task.host for task in taken(schedule)] == ["fast"] * 4


def test_each_photo_is_handed_out_once_in_the_order_of_the_catalog():
    schedule = schedule_of({"a": 11, "b": 1})
    final, seconds = run(schedule, always(PHOTO))
    assert [task.number for task in final if task.host == "a"] == list(range(11))
    assert (len(final), seconds, schedule.given_up) == (12, 0, {})


@pytest.mark.parametrize(("tries", "expected"), [(1, 1), (3, 3)])
def test_what_may_pass_is_tried_again_after_waits_that_double(tries, expected):
    schedule = schedule_of({"a": 1}, tries=tries)
    final, seconds = run(schedule, always(BROKEN))
    assert (len(final), final[0].tries) == (1, expected)
    assert sum(2**n for n in range(tries - 1)) * 0.5 <= seconds <= sum(2**n for n in range(tries - 1)) * 1.5


@pytest.mark.parametrize("failure", [NOT_THERE, SLOW])
def test_what_does_not_pass_soon_is_not_tried_again(failure):
    final, seconds = run(schedule_of({"a": 1}), always(failure))
    assert (len(final), seconds) == (1, 0)


def test_a_wait_of_one_photo_keeps_no_other_back():
    schedule = schedule_of({"a": 3}, per_host=1)
    assert not schedule.settle(taken(schedule)[0], BROKEN, 0)
    assert taken(schedule)[0].number == 1


@pytest.mark.parametrize(("failures", "is_given_up"), [(11, False), (12, True)])
def test_a_host_is_given_up_after_many_failures_in_a_row(failures, is_given_up):
    schedule = schedule_of({"a": MANY, "b": 1}, tries=1)
    for _ in range(failures):
        task = next(task for task in taken(schedule) if task.host == "a")
        schedule.settle(task, BROKEN, 0)
    assert schedule.given_up == ({"a": "the connection broke"} if is_given_up else {})
    assert (schedule.next(0) is None) == is_given_up


def test_an_answer_shows_that_the_host_is_there_even_if_it_has_no_photo():
    schedule = schedule_of({"a": 200}, tries=1)
    final, _ = run(schedule, iter(([BROKEN] * 11 + [NOT_THERE]) * 20))
    assert (len(final), schedule.given_up) == (200, {})
    assert schedule.was_answered


def test_a_run_ends_at_once_when_its_only_host_is_given_up_during_a_wait():
    schedule = schedule_of({"a": 5}, failures_in_a_row=5, tries=9, per_host=5)
    tasks = taken(schedule)
    for task in tasks[:4]:
        assert not schedule.settle(task, BROKEN, 0)
    assert schedule.next(0) is None
    assert schedule.settle(tasks[4], BROKEN, 0)
    assert schedule.next(0) is None
    assert schedule.is_over


@given(
    st.dictionaries(st.sampled_from("abcd"), st.integers(0, 30), min_size=1),
    st.lists(st.sampled_from([PHOTO, PHOTO, NOT_THERE, BROKEN, SLOW, "busy", "busy for long"]), min_size=1),
    st.integers(1, 5),
    st.randoms(use_true_random=False),
)
def test_whatever_hosts_answer_each_photo_has_one_end_or_its_host_was_given_up(photos, answers, per_host, chance):
    schedule = schedule_of(photos, per_host=per_host)
    outcomes = {"busy": busy(2), "busy for long": busy(1000)}
    now, in_flight, final = 0.0, [], []
    while not schedule.is_over:
        in_flight += taken(schedule, now)
        assert max(Counter(task.host for task in in_flight).values(), default=0) <= per_host
        for _ in range(chance.randint(0, len(in_flight))):
            task = in_flight.pop(chance.randrange(len(in_flight)))
            answer = chance.choice(answers)
            if schedule.settle(task, outcomes.get(answer, answer), now):
                final.append((task.host, task.number))
        now += chance.choice([0.001, schedule.seconds_until_next(now) or 0])
    assert in_flight == []
    assert len(set(final)) == len(final)
    for host, count in photos.items():
        assert (sum(name == host for name, _ in final) == count) or host in schedule.given_up


def busy(seconds: float | None = 7) -> Failure:
    return Failure(Kind.BUSY, "429 Too Many Requests", seconds)


def test_a_host_gets_the_rest_that_it_asks_for_and_others_go_on():
    schedule = schedule_of({"a": MANY, "b": MANY})
    first = [task for task in taken(schedule) if task.host == "a"]
    for task in first:
        assert not schedule.settle(task, busy(), 0)
    assert schedule.next(6.9) is None
    assert schedule.seconds_until_next(6) == 1
    assert [task.host for task in taken(schedule, 7)] == ["a", "a"]  # half as many as before


def test_what_was_under_way_when_a_host_asked_for_rest_does_not_count_again():
    schedule = schedule_of({"a": MANY}, failures_in_a_row=2)
    first = taken(schedule, 0)
    for now, task in enumerate(first, 1):
        schedule.settle(task, busy(), now)
    assert schedule.given_up == {}
    schedule.settle(taken(schedule, 8)[0], busy(), 9)
    assert schedule.given_up == {"a": "429 Too Many Requests"}


def test_a_host_that_answers_again_gets_all_its_requests_back():
    schedule = schedule_of({"a": MANY}, per_host=4)
    for task in taken(schedule):
        schedule.settle(task, busy(1), 0)
    now, most = 1.0, []
    for _ in range(20):
        tasks = taken(schedule, now)
        most.append(len(tasks))
        for task in tasks:
            schedule.settle(task, PHOTO, now)
    assert most[0] == 2
    assert most[-1] == 4
    assert most == sorted(most)


def test_a_host_that_does_not_say_how_long_gets_more_rest_each_time():
    schedule = schedule_of({"a": 1}, tries=3)
    final, seconds = run(schedule, always(busy(None)))
    assert len(final) == 1
    assert seconds > 5


def test_one_photo_with_which_a_host_is_always_busy_does_not_cost_the_others():
    schedule = schedule_of({"a": 50}, failures_in_a_row=7, per_host=1)
    now, photos = 0.0, 0
    while not schedule.is_over:
        for task in taken(schedule, now):
            photos += schedule.settle(task, PHOTO if task.number else busy(1), now)
        now += schedule.seconds_until_next(now) or 0
    assert (photos, schedule.given_up) == (50, {})


def test_a_host_that_wants_a_long_rest_is_given_up_for_this_run():
    schedule = schedule_of({"a": MANY})
    assert schedule.settle(taken(schedule)[0], busy(3600), 0)
    assert schedule.given_up == {"a": "429 Too Many Requests, to be asked again in 3,600 s"}
