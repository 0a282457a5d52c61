"""Practice for readers: decks of films with known truth, and what an answer to one is worth."""
