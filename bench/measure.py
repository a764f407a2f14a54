"""Runs programs in turn and sums up what they cost."""

import statistics
import subprocess
import tempfile


class Sample:
    def __init__(self, nanoseconds, peak_kib):
        self.ms = nanoseconds / 1e6
        self.peak_mib = peak_kib / 1024


def run(launch, command, status=0):
    """One run under bench_launch. A command that fails measures nothing: an error."""
    with tempfile.NamedTemporaryFile() as errors:
        done = subprocess.run([str(launch), errors.name, *map(str, command)], text=True,
                              stdout=subprocess.PIPE, check=True)
        nanoseconds, peak, code = map(int, done.stdout.split())
        if code != status:
            message = errors.read().decode(errors="replace").strip()
            raise RuntimeError(f"{' '.join(map(str, command))}: exit {code}: {message}")
    return Sample(nanoseconds, peak)


def interleave(runs, *actions):
    """Each action's samples; they take turns, the first to go changing from round to round, so
    that a machine that slows down slows both. The first round warms up and does not count."""
    samples = [[] for _ in actions]
    for number in range(runs + 1):
        order = range(len(actions))
        for which in (order if number % 2 else reversed(order)):
            sample = actions[which]()
            if number > 0:
                samples[which].append(sample)
    return samples


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(share * len(ordered)))]


class Comparison:
    """Two interleaved series in milliseconds."""

    def __init__(self, plain, ours):
        self.plain = [s.ms for s in plain]
        self.ours = [s.ms for s in ours]
        self.peak_mib = max(s.peak_mib for s in ours)
        # Of neighbours in time, so that what disturbs both cancels out.
        self.added = statistics.median(o - p for p, o in zip(self.plain, self.ours))
        self.ratio = statistics.median(self.ours) / statistics.median(self.plain)

    @staticmethod
    def spread(values):
        return (f"{statistics.median(values):8.2f} {percentile(values, 0.1):8.2f} "
                f"{percentile(values, 0.9):8.2f}")

    def row(self):
        return (f"{self.spread(self.plain)}  {self.spread(self.ours)}  {self.added:+8.2f} "
                f"{self.ratio:7.3f}")


HEADER = (f"{'milliseconds':34}  {'plain':>8} {'p10':>8} {'p90':>8}  {'runward':>8} {'p10':>8} "
          f"{'p90':>8}  {'added':>8} {'ratio':>7}")
