"""Documents of all layouts, small ones written here and, where they are, the reference documents."""
