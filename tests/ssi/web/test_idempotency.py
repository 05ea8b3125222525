"""The same POST twice has one effect."""

import threading
from collections.abc import Callable

import pytest
from django.db import connection

from ssi.access.actor import Actor
from ssi.refusals import Refusal
from ssi.web.idempotency import Answer, IdempotencyKeyReused, IdempotencyKeyTooLong, once
from ssi.web.models import IdempotencyKey

SOMEBODY = Actor(person_id=1)
SOMEBODY_ELSE = Actor(person_id=2)


def counting() -> tuple[list[int], Callable[[], Answer]]:
    runs: list[int] = []

    def act() -> Answer:
        runs.append(1)
        return {"run": len(runs)}

    return runs, act


@pytest.mark.django_db
class TestOnce:
    def test_a_repeat_gets_the_first_answer_and_has_no_effect(self) -> None:
        runs, act = counting()
        answers = [once(by=SOMEBODY, key="k", sent=b"body", act=act) for _ in range(3)]
        assert answers == [{"run": 1}] * 3
        assert len(runs) == 1

    def test_the_same_key_with_another_body_is_refused(self) -> None:
        _, act = counting()
        once(by=SOMEBODY, key="k", sent=b"body", act=act)
        with pytest.raises(IdempotencyKeyReused):
            once(by=SOMEBODY, key="k", sent=b"other", act=act)

    def test_somebody_elses_key_is_another_key(self) -> None:
        runs, act = counting()
        once(by=SOMEBODY, key="k", sent=b"body", act=act)
        once(by=SOMEBODY_ELSE, key="k", sent=b"body", act=act)
        assert len(runs) == 2

    def test_without_a_key_every_post_counts(self) -> None:
        runs, act = counting()
        once(by=SOMEBODY, key="", sent=b"body", act=act)
        once(by=SOMEBODY, key="", sent=b"body", act=act)
        assert len(runs) == 2

    def test_a_refusal_uses_no_key_up(self) -> None:
        def refuse() -> Answer:
            raise Refusal

        with pytest.raises(Refusal):
            once(by=SOMEBODY, key="k", sent=b"body", act=refuse)
        assert not IdempotencyKey.objects.exists()
        runs, act = counting()
        once(by=SOMEBODY, key="k", sent=b"body", act=act)
        assert len(runs) == 1

    def test_a_key_without_end_is_refused(self) -> None:
        with pytest.raises(IdempotencyKeyTooLong):
            once(by=SOMEBODY, key="k" * 201, sent=b"", act=dict)

    def test_the_store_keeps_nothing_of_what_was_sent(self) -> None:
        once(by=SOMEBODY, key="k", sent=b"83FED3407A939723A5C639B26916D505", act=dict)
        row = IdempotencyKey.objects.get()
        assert b"83FED3407A93" not in bytes(row.fingerprint)
        assert len(bytes(row.fingerprint)) == 32


@pytest.mark.django_db(transaction=True)
def test_eight_at_the_same_moment_have_one_effect_and_the_same_answer() -> None:
    runs, act = counting()
    answers: list[Answer] = []

    def post() -> None:
        answers.append(once(by=SOMEBODY, key="k", sent=b"body", act=act))
        connection.close()

    threads = [threading.Thread(target=post) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [{"run": 1}] * 8
    assert len(runs) == 1
