"""For each gate a story in which it, and no other, keeps the next step back."""

from __future__ import annotations

from datetime import date, timedelta

from drumbeat.domain.enrollment import State
from drumbeat.domain.gates import Gate, Verdict
from drumbeat.domain.holidays import HolidayCalendar, HolidayScope
from drumbeat.store import holiday_calendars
from tests.memory_outbox import AWAY, GREYLISTED, SILENT
from tests.scenarios.gates import explanation_of, gates_of, next_of, not_open, stand_at
from tests.wall_clock import at, shown
from tests.world import World


def test_what_is_not_due_waits_for_its_time_and_for_nothing_else(world: World) -> None:
    enrollment_id = world.enroll(world.sequence(world.email(), world.email(3)))

    due = gates_of(world, enrollment_id)[Gate.DUE]

    assert not_open(world, enrollment_id) == {Gate.DUE: "DELAY"}
    thursday = at("Thu 2026-03-05 10:00")
    assert due.at == next_of(world, enrollment_id).at == thursday
    assert due.text == (
        "it is due on Thursday 5 March 2026 at 10:00: its delay of 3 days ends then"
    )
    stand_at(world, thursday)
    assert not_open(world, enrollment_id) == {}
    world.work()
    assert world.sent()[1] == "Thu 2026-03-05 10:00"


def test_a_pause_closes_the_gate_until_somebody_opens_it(world: World) -> None:
    enrollment_id = world.enroll(world.sequence(world.email(), world.email(3)))
    world.until("Thu 2026-03-05 09:00")
    world.pause(enrollment_id)

    gates = gates_of(world, enrollment_id)

    assert (gates[Gate.STATE].verdict, gates[Gate.STATE].reason) == (Verdict.CLOSED, "BY_HAND")
    assert (gates[Gate.DUE].verdict, gates[Gate.DUE].at) == (Verdict.WAITS, None)
    assert gates[Gate.DUE].text.endswith("if that were now: Thursday 5 March 2026 at 10:00")
    assert next_of(world, enrollment_id).at is None
    world.resume(enrollment_id)
    assert next_of(world, enrollment_id).at == at("Thu 2026-03-05 10:00")


def test_a_pause_of_the_sequence_counts_the_delay_from_its_end(world: World) -> None:
    sequence_id = world.sequence(world.email(), world.email(1), pauses=((0, 1),))
    enrollment_id = world.enroll(sequence_id)
    world.until("Wed 2026-03-04 10:00")

    gates = gates_of(world, enrollment_id)

    assert gates[Gate.STATE].reason == "MANUAL_PAUSE"
    assert gates[Gate.DUE].text.endswith("if that were now: Thursday 5 March 2026 at 10:00")


def test_a_task_that_is_not_done_keeps_back_the_step_that_waits_for_it(world: World) -> None:
    enrollment_id = world.enroll(
        world.sequence(world.task(), world.email(1), waits=((0, 1),)),
    )
    world.advance(days=1)

    gates = gates_of(world, enrollment_id)

    assert not_open(world, enrollment_id) == {Gate.TASKS: "TASK_COMPLETION", Gate.DUE: None}
    assert gates[Gate.TASKS].text == "it waits until the task of step 0 is done"
    assert next_of(world, enrollment_id).at is None
    [task] = world.tasks()
    world.complete(task)
    assert not_open(world, enrollment_id) == {Gate.DUE: "DELAY"}
    assert next_of(world, enrollment_id).at == at("Wed 2026-03-04 10:00")


def test_after_an_outage_the_window_is_what_is_waited_for(world: World) -> None:
    enrollment_id = world.enroll(world.sequence(world.email(), world.email(1)))
    stand_at(world, at("Tue 2026-03-03 20:00"))

    window = gates_of(world, enrollment_id)[Gate.WINDOW]

    assert not_open(world, enrollment_id) == {Gate.WINDOW: "WINDOW"}
    assert window.at is not None
    assert shown(window.at).startswith("Wed 2026-03-04 08:")
    stand_at(world, window.at)
    assert not_open(world, enrollment_id) == {}


def test_what_the_window_keeps_back_goes_at_the_instant_that_was_said(world: World) -> None:
    enrollment_id = world.enroll(world.sequence(world.email(), world.email(1)))
    stand_at(world, at("Tue 2026-03-03 20:00"))
    opens_at = gates_of(world, enrollment_id)[Gate.WINDOW].at

    world.advance(days=1)

    assert world.outbox.sent[1].date == opens_at


def test_a_holiday_that_was_added_since_closes_the_window(world: World) -> None:
    enrollment_id = world.enroll(world.sequence(world.email(), world.email(1)))
    calendar = HolidayCalendar(dates=frozenset({date(2026, 3, 3)}))
    with world.engine.database.transaction() as tx:
        owner = (HolidayScope.ACCOUNT, 0)
        holiday_calendars.put(tx, world.account_id, owner, calendar, world.clock.now())

    gates = gates_of(world, enrollment_id)

    assert (gates[Gate.WINDOW].verdict, gates[Gate.WINDOW].reason) == (Verdict.WAITS, "HOLIDAY")
    expected = gates[Gate.WINDOW].at
    world.advance(days=3)
    assert world.outbox.sent[1].date == expected


def test_a_held_message_stays_until_a_person_lets_it_go(world: World) -> None:
    template = world.template("For {{ contact.company }}")
    contact_id = world.contact()
    enrollment_id = world.enroll(world.sequence(world.email(template=template)), contact_id)
    world.advance(minutes=1)

    gates = gates_of(world, enrollment_id)

    assert not_open(world, enrollment_id) == {
        Gate.MESSAGE: "HELD",
        Gate.CONTENT: "MISSING_TOKEN",
    }
    assert gates[Gate.MESSAGE].text.endswith("(MISSING_TOKEN: contact.company)")
    assert [gates[gate].at for gate in (Gate.MESSAGE, Gate.CONTENT)] == [None, None]
    assert next_of(world, enrollment_id).at is None
    world.engine.contacts.update(world.account_id, contact_id, {"company": "Acme"})
    assert not_open(world, enrollment_id) == {Gate.MESSAGE: "HELD"}


def test_a_message_in_doubt_stays_until_it_is_settled(world: World) -> None:
    world.outbox.answers = [SILENT]
    enrollment_id = world.enroll(world.sequence(world.email()))

    world.advance(minutes=1)

    assert not_open(world, enrollment_id) == {Gate.MESSAGE: "IN_DOUBT"}


def test_a_message_in_a_workers_hands_is_looked_at_again_when_its_lease_ends(
    world: World,
) -> None:
    enrollment_id = world.enroll(world.sequence(world.email(), world.email(1)))
    stand_at(world, at("Tue 2026-03-03 10:00"))
    world.engine.stepping.step_due()
    world.engine.claiming.claim()

    assert not_open(world, enrollment_id) == {Gate.MESSAGE: "SCHEDULED"}
    assert next_of(world, enrollment_id).at == world.clock.now() + timedelta(seconds=60)


def test_a_changed_address_is_said_before_it_holds_anything(world: World) -> None:
    contact_id = world.contact("ada@example.org")
    enrollment_id = world.enroll(world.sequence(world.email(), world.email(1)), contact_id)

    world.engine.contacts.update(world.account_id, contact_id, {"email": "new@example.org"})

    address = gates_of(world, enrollment_id)[Gate.ADDRESS]
    assert not_open(world, enrollment_id) == {Gate.DUE: "DELAY", Gate.ADDRESS: "ADDRESS_CHANGED"}
    assert address.text.endswith("that was enrolled: ada@example.org, new@example.org")
    assert address.at == at("Tue 2026-03-03 10:00")
    assert next_of(world, enrollment_id).at is None
    world.engine.contacts.update(world.account_id, contact_id, {"email": "ada@example.org"})
    world.advance(days=1)
    assert world.sent()[1] == "Tue 2026-03-03 10:00"


def test_an_address_that_is_not_to_be_mailed_is_said_too(world: World) -> None:
    enrollment_id = world.enroll(world.sequence(world.email(), world.email(1)))

    world.suppress("ada@example.org")

    address = gates_of(world, enrollment_id)[Gate.ADDRESS]
    assert (address.verdict, address.reason) == (Verdict.CLOSED, "UNSUBSCRIBED")
    world.advance(days=1)
    assert world.standing(enrollment_id).state is State.UNENROLLED


def test_a_sender_that_is_disconnected_cannot_send(world: World) -> None:
    sender = world.connect()
    enrollment_id = world.enroll(world.sequence(world.email(), world.email(1)))

    world.engine.connecting.disconnect(world.account_id, sender.id)

    gate = gates_of(world, enrollment_id)[Gate.SENDER]
    assert (gate.verdict, gate.reason) == (Verdict.CLOSED, "SENDER_NOT_CONNECTED")
    assert gate.at == at("Tue 2026-03-03 10:00")
    world.connect()
    assert not_open(world, enrollment_id) == {Gate.DUE: "DELAY"}


def test_a_sender_whose_server_was_away_rests(world: World) -> None:
    world.connect(gap=timedelta(0))
    sequence_id = world.sequence(world.task(), world.email(1))
    first, second = (world.enroll(sequence_id, world.contact(f"{n}@example.org")) for n in "ab")
    stand_at(world, at("Tue 2026-03-03 10:00"))
    world.outbox.answers = [AWAY]
    send_one(world)

    resting = gates_of(world, second)[Gate.SENDER]

    assert not_open(world, first) == {Gate.DUE: "RETRY"}
    assert not_open(world, second) == {Gate.SENDER: "RESTING"}
    assert resting.at == world.clock.now() + timedelta(seconds=5)
    assert resting.text.endswith("its server said or did: connection refused")
    world.advance(seconds=5)
    assert len(world.outbox.sent) == 2


def send_one(world: World) -> None:
    """What a worker does in its first moments: it makes what is due and sends the first."""
    world.engine.stepping.step_due()
    [claimed] = world.engine.claiming.claim()
    world.engine.sending.send(claimed)


def test_a_retry_says_what_it_is_for(world: World) -> None:
    world.outbox.answers = [GREYLISTED]
    enrollment_id = world.enroll(world.sequence(world.email()))

    due = gates_of(world, enrollment_id)[Gate.DUE]

    assert (due.reason, due.at) == ("RETRY", world.clock.now() + timedelta(minutes=1))


def test_a_cap_that_is_used_up_says_when_a_place_is_free(world: World) -> None:
    world.connect(daily_cap=2, gap=timedelta(0))
    sequence_id = world.sequence(world.task(), world.email(1))
    ids = [world.enroll(sequence_id, world.contact(f"{name}@example.org")) for name in "abc"]
    stand_at(world, at("Tue 2026-03-03 10:00"))

    cap = gates_of(world, ids[2])[Gate.CAP]

    assert [not_open(world, each) for each in ids] == [{}, {}, {Gate.CAP: "SENDER_CAP"}]
    assert cap.text == (
        "2 of 2 places in 24 hours are taken; the next is free on Wednesday 4 March 2026 at 10:00"
    )
    world.work()
    assert next_of(world, ids[2]).at == cap.at == at("Wed 2026-03-04 10:00")
    world.advance(days=1)
    assert world.sent()[2] == "Wed 2026-03-04 10:00"


def test_the_gap_gives_each_in_the_queue_its_turn(world: World) -> None:
    sequence_id = world.sequence(world.task(), world.email(1))
    ids = [world.enroll(sequence_id, world.contact(f"{name}@example.org")) for name in "abc"]
    stand_at(world, at("Tue 2026-03-03 10:00"))

    turns = [next_of(world, each).at for each in ids]

    assert [not_open(world, each) for each in ids] == [
        {},
        {Gate.GAP: "SENDER_GAP"},
        {Gate.GAP: "SENDER_GAP"},
    ]
    world.advance(minutes=5)
    assert [email.date for email in world.outbox.sent] == turns


def test_what_is_not_made_yet_has_its_place_in_the_queue_too(world: World) -> None:
    world.connect(daily_cap=1)
    sequence_id = world.sequence(world.task(), world.email(1))
    ids = [world.enroll(sequence_id, world.contact(f"{name}@example.org")) for name in "ab"]
    stand_at(world, at("Tue 2026-03-03 20:00"))

    turns = sorted(turn for each in ids if (turn := next_of(world, each).at))

    assert [shown(turn)[:15] for turn in turns] == ["Wed 2026-03-04 ", "Thu 2026-03-05 "]
    world.advance(days=2)
    assert [email.date for email in world.outbox.sent] == turns


def test_a_token_without_a_value_is_named_before_it_holds_anything(world: World) -> None:
    template = world.template("For {{ contact.company }} in {{ contact.city }}")
    enrollment_id = world.enroll(world.sequence(world.email(), world.email(1, template=template)))

    content = gates_of(world, enrollment_id)[Gate.CONTENT]

    assert (content.verdict, content.reason) == (Verdict.CLOSED, "MISSING_TOKEN")
    assert content.text.endswith(": contact.city, contact.company")
    assert content.at == at("Tue 2026-03-03 10:00")


def test_a_task_asks_nothing_of_the_sender(world: World) -> None:
    enrollment_id = world.enroll(world.sequence(world.email(), world.task(1)))

    assert list(gates_of(world, enrollment_id)) == [
        Gate.STATE,
        Gate.TASKS,
        Gate.DUE,
        Gate.WINDOW,
    ]
    assert next_of(world, enrollment_id).at == at("Tue 2026-03-03 08:00")


def test_a_task_that_is_late_is_not_made_on_a_weekend(world: World) -> None:
    enrollment_id = world.enroll(world.sequence(world.email(), world.task(4)))
    stand_at(world, at("Sat 2026-03-07 12:00"))

    assert not_open(world, enrollment_id) == {Gate.WINDOW: "OVERDUE"}
    assert next_of(world, enrollment_id).at == at("Mon 2026-03-09 12:00")
    world.advance(days=3)
    assert [task.created_at for task in world.tasks()] == [at("Mon 2026-03-09 12:00")]


def test_what_has_ended_has_no_next_step(world: World) -> None:
    enrollment_id = world.enroll(world.sequence(world.email()))

    assert world.standing(enrollment_id).state is State.FINISHED
    assert explanation_of(world, enrollment_id).next is None


def test_a_damaged_row_is_explained_as_far_as_it_can_be(world: World) -> None:
    enrollment_id = world.enroll(world.sequence(world.email(), world.email(1)))

    world.damage(enrollment_id=enrollment_id)

    told = explanation_of(world, enrollment_id)
    assert not_open(world, enrollment_id) == {Gate.DUE: "DAMAGED"}
    assert [step.text for step in told.past] == [None]
