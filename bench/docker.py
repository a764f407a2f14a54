"""docker run through runward against plain docker run."""


def compare(options, world):
    return None, "the engines' harness is not there"
