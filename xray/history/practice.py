"""Answers of readers on the Learn page, stored encrypted; the first answer to a film is kept."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy import delete, select

from xray.history.erasing import erase
from xray.history.store import Store
from xray.history.tables import PracticeAnswer


def save_answer(store: Store, owner: str, film: str, content: bytes) -> None:
    """Save an answer unless the owner has answered the film before.

    Args:
        store: The history.
        owner: Whose answer.
        film: Hash of the deck and the number of the film.
        content: The answer with its scores.

    Raises:
        HistoryUnavailable: If the database cannot be written.
    """
    with store.session(write=True) as session:
        if session.scalar(select(PracticeAnswer.id).filter_by(owner=owner, film=film)) is None:
            encrypted = store.key.encrypted(content)
            session.add(PracticeAnswer(owner=owner, film=film, at=datetime.now(UTC), content=encrypted))


def saved_answers(store: Store, owner: str) -> list[bytes]:
    """The answers of an owner, the oldest first. Raises HistoryUnavailable."""
    with store.session() as session:
        rows = session.scalars(
            select(PracticeAnswer.content).filter_by(owner=owner).order_by(PracticeAnswer.id)
        )
        return [store.key.decrypted(content) for content in rows]


def delete_answers(store: Store, owner: str) -> None:
    """Delete the answers of an owner so that they cannot be recovered. Raises HistoryUnavailable."""
    with store.session(write=True) as session:
        session.execute(delete(PracticeAnswer).where(PracticeAnswer.owner == owner))
    erase(store.engine)
