"""What a notebook shows of an answer: a table and a picture; and the answer as a data frame."""
