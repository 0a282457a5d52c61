"""Operations on pixels: changes, markers, photographs of films, simulated radiographs."""
