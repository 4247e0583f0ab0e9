"""`make bench`: what the pages, the search and the sync cost, each against a floor of the same run."""
