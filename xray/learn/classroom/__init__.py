"""A class: a teacher shows films of a deck, students answer from their phones, and the class is compared."""
