"""What a query means: names, periods, operators, other words, misspellings."""
