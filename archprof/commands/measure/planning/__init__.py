"""What is to be measured, under which conditions, and in what order."""
