"""A class in the memory of the server: its students, their answers, and what it does now. Thread-safe."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np

from xray.errors import InvalidRequest
from xray.learn.classroom.statistics import Outcome, outcome
from xray.learn.deck import Deck, Question, score_of_case
from xray.learn.scores import Answer, Box, Reference
from xray.types import Case, Radiograph

Phase = Literal["lobby", "open", "closed", "revealed", "ended"]
STUDENTS = 100  # in a class
NICKNAME = 24  # characters


@dataclass(frozen=True, eq=False)
class Stage:
    """What the class does now; nothing of the result before it is revealed.

    Attributes:
        version: Increases with every change.
        phase: Lobby before the first film; open, closed and revealed for each film; ended after the last one.
        number: Index of the film in the deck.
        finding: The finding in question; empty in the lobby.
        film: The film; None in the lobby and at the end.
        outcome: Result of the film; None unless the phase is revealed.
        outcomes: Results of all films; empty unless the phase is ended.
    """

    version: int = 0
    phase: Phase = "lobby"
    number: int = 0
    finding: str = ""
    film: Radiograph | None = None
    outcome: Outcome | None = None
    outcomes: tuple[Outcome, ...] = ()


@dataclass(frozen=True)
class Draft:
    """What a student has entered but not committed; `present` is None without an answer."""

    present: bool | None = None
    sure: float = 0.75
    mark: Box | None = None


@dataclass(eq=False)
class Student:
    """A student: a nickname or an empty string, answers by film, and the last draft with its film."""

    nickname: str
    answers: dict[int, Answer] = field(default_factory=dict)
    draft: tuple[int, Draft] = (0, Draft())


class Classroom:
    """A class, for its teacher; students use a Seat.

    Args:
        code: Code with which students join.
        owner: Who teaches it, by xray.access.
        deck: The deck.
        end: Time at which it is dropped.
    """

    def __init__(self, code: str, owner: str, deck: Deck, end: float) -> None:
        self.code, self.owner, self.deck, self.end = code, owner, deck, end
        self.stage = Stage()
        self.outcomes: dict[int, Outcome] = {}
        self._reference: Reference | None = None
        self._students: dict[str, Student] = {}
        self._lock = threading.Lock()

    @property
    def question(self) -> Question:
        """The question about the current film."""
        return self.deck.questions[self.stage.number]

    @property
    def nicknames(self) -> list[str]:
        """Nicknames in the order of joining, empty for students without one."""
        with self._lock:
            return [student.nickname for student in self._students.values()]

    @property
    def size(self) -> int:
        """Number of students."""
        return len(self._students)

    @property
    def committed(self) -> int:
        """Number of students who have answered the current film."""
        with self._lock:
            return sum(self.stage.number in student.answers for student in self._students.values())

    def show(self, number: int) -> None:
        """Show a film of the deck and accept answers. Raises UnreadableImage or UnusableData."""
        film, reference = self.deck.questions[number].film(number + 1)
        with self._lock:
            self._reference = reference
            finding = self.deck.questions[number].finding
            self._change(Stage(0, "open", number, finding, film))

    def close(self) -> None:
        """Ask for no more answers; those that are on their way are accepted until the reveal."""
        self._step("open", "closed")

    def reopen(self) -> None:
        """Accept answers again."""
        self._step("closed", "open")

    def reveal(self, case: Case | None) -> None:
        """Compare the class with the model and the reference, and end the answers to the film.

        Args:
            case: The analyzed film; None if the input gate refuses it.
        """
        stage, reference = self.stage, self._reference
        if stage.phase not in ("open", "closed") or stage.film is None or reference is None:
            return
        model = score_of_case(case, self.question, reference) if case else None
        with self._lock:
            students = sorted(self._students.items())  # by token: a random order, the same for each film
            answers = {
                place: student.answers[stage.number]
                for place, (_, student) in enumerate(students, 1)
                if stage.number in student.answers
            }
            found = outcome(stage.number, stage.finding, answers, reference, stage.film.pixels.shape, model)
            self.outcomes[stage.number] = found
            self._change(replace(stage, phase="revealed", outcome=found))

    def finish(self) -> None:
        """End the films and show the statistics of the class."""
        with self._lock:
            number = self.stage.number
            self._change(Stage(0, "ended", number, outcomes=tuple(self.outcomes.values())))

    def admit(self, token: str, nickname: str) -> Seat:
        """Give a student a seat, or the same one again.

        Raises:
            InvalidRequest: If the class is full.
        """
        with self._lock:
            if token not in self._students:
                if len(self._students) >= STUDENTS:
                    raise InvalidRequest(
                        f"The class is full: it has {STUDENTS} students.", hint="Look on with a neighbor."
                    )
                self._students[token] = Student(" ".join(nickname.split())[:NICKNAME])
            return Seat(self, self._students[token])

    def seat(self, token: str) -> Seat | None:
        """The seat of a student who has joined; None otherwise."""
        student = self._students.get(token)
        return Seat(self, student) if student else None

    def commit(self, student: Student, number: int, answer: Answer) -> Answer:
        """See Seat.commit."""
        with self._lock:
            if number in student.answers:
                return student.answers[number]
            stage = self.stage
            if stage.number != number or stage.phase not in ("open", "closed") or stage.film is None:
                raise InvalidRequest(
                    f"The answer to film {number + 1} arrived after the reveal and is not counted."
                )
            if not 0.5 <= answer.sure <= 1:
                raise InvalidRequest(f"The confidence is {answer.sure:.2f}.", hint="Choose 0.5 to 1.")
            mark = on_film(answer.mark, stage.film.pixels.shape) if answer.present else None
            student.answers[number] = replace(answer, mark=mark)
            return student.answers[number]

    def _step(self, before: Phase, after: Phase) -> None:
        with self._lock:
            if self.stage.phase == before:
                self._change(replace(self.stage, phase=after))

    def _change(self, stage: Stage) -> None:
        self.stage = replace(stage, version=self.stage.version + 1)


class Seat:
    """A class as one of its students sees it: without the reference, and without the teacher's actions."""

    def __init__(self, room: Classroom, student: Student) -> None:
        self._room, self._student = room, student

    @property
    def stage(self) -> Stage:
        """What the class does now."""
        return self._room.stage

    @property
    def films(self) -> int:
        """Number of films of the deck."""
        return len(self._room.deck.questions)

    @property
    def nickname(self) -> str:
        """The student's nickname, or an empty string."""
        return self._student.nickname

    def answer(self, number: int) -> Answer | None:
        """The student's committed answer to a film."""
        return self._student.answers.get(number)

    def commit(self, number: int, answer: Answer) -> Answer:
        """Commit an answer; a repetition changes nothing.

        Args:
            number: Index of the film.
            answer: The answer; its mark is clipped to the film, and dropped if the finding is answered to
                be absent.

        Returns:
            The answer that counts: the first one.

        Raises:
            InvalidRequest: If the film has been revealed or is not shown, or if the confidence is invalid.
        """
        return self._room.commit(self._student, number, answer)

    def keep_draft(self, number: int, draft: Draft) -> None:
        """Keep what the student has entered, for a page that is reloaded."""
        self._student.draft = number, draft

    def draft(self, number: int) -> Draft:
        """What the student has entered for a film."""
        kept, draft = self._student.draft
        return draft if kept == number else Draft()


def on_film(mark: Box | None, shape: tuple[int, ...]) -> Box | None:
    """Clip a mark to a film (H, W); None if nothing of it lies on the film."""
    if mark is None or not np.isfinite(mark).all():
        return None
    height, width = shape
    left, top, right, bottom = np.clip(mark, 0, (width, height, width, height)).tolist()
    return (left, top, right, bottom) if right > left and bottom > top else None
