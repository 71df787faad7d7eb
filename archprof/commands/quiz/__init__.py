"""Tables with blanks, and the marking of answers."""
