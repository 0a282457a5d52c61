"""The dashboard with simulated students in its process, who join each class and answer each film.

python -m tests.browser.class_server STUDENTS [arguments of streamlit]
"""

from __future__ import annotations

import sys
import threading
import time

from streamlit.web.cli import main

from xray.learn.classroom.room import Seat
from xray.learn.classroom.rooms import ROOMS
from xray.learn.scores import Answer, Box

LEFT_HALF = 0.5  # share of the film that each mark covers


def planted(student: int, shape: tuple[int, ...]) -> Answer:
    """Every third student answers "absent", 60% sure; the others mark the left half, 80% sure."""
    if student % 3 == 0:
        return Answer(False, 0.6)
    mark: Box = (0.0, 0.0, LEFT_HALF * shape[1], float(shape[0]))
    return Answer(True, 0.8, mark)


def attend(students: int) -> None:
    """Join every class that is open and commit to its film, as the page of a student does."""
    seats: dict[str, list[Seat]] = {}
    while True:
        time.sleep(0.2)
        for code in list(ROOMS._rooms):
            if code not in seats:
                seats[code] = [ROOMS.join(code, f"simulated {number}", "") for number in range(students)]
            for number, seat in enumerate(seats[code]):
                stage = seat.stage
                if stage.phase == "open" and stage.film is not None and seat.answer(stage.number) is None:
                    seat.commit(stage.number, planted(number, stage.film.pixels.shape))


if __name__ == "__main__":
    threading.Thread(target=attend, args=(int(sys.argv[1]),), daemon=True).start()
    sys.argv[1:] = sys.argv[2:]
    main()
