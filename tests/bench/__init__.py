"""`make bench`: the pages, the search and the sync, each against a floor of the same run."""
