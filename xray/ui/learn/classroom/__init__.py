"""Class mode of the Learn page: the teacher's view, and the view of students on their phones."""
