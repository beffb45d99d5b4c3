"""What each kind of feature step does to its columns, as data: no fitting, no library."""
