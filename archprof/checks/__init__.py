"""Rules that specs are held to, one file each; which apply where; and how many files are checked without one stopping the rest."""
