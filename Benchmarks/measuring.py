"""Programs taken in turn, what is seen of them, and how it is told."""
import statistics
import time


def processor(process):
    """User and system time of a process in seconds, by its own clock: /proc/PID/stat counts by ticks of 10 ms."""
    return time.clock_gettime(~process.pid << 3 | 2)


def forget_peak(process):
    """Lets VmHWM, the highest resident memory, begin anew from what is resident now."""
    with open(f"/proc/{process.pid}/clear_refs", "w") as file:
        file.write("5")


def alternate(rounds, programs, measure):
    """Measures each program once a round, one after the other: by its name what was seen of it, round by round."""
    seen = {name: [] for name in programs}
    for _ in range(rounds):
        for name, program in programs.items():
            seen[name].append(measure(program))
    return seen


def medians(runs):
    """The median of each figure of a program's rounds."""
    return {figure: statistics.median(run[figure] for run in runs) for figure in runs[0]}


def ratio(own, other, figure):
    """A figure of a program to that of another: the median of their ratios, each within one round."""
    return statistics.median(one[figure] / beside[figure] for one, beside in zip(own, other))


def table(heads, rows):
    """Prints a table in Markdown."""
    for cells in [heads, ["---"] * len(heads), *rows]:
        print("| " + " | ".join(cells) + " |", flush=True)


def at_least(what, seen, bound, unit=""):
    """Prints a line of the budget whose value must not be below its bound."""
    verdict(what, seen, f"at least {bound}", unit, seen >= bound)


def at_most(what, seen, bound, unit=""):
    """Prints a line of the budget whose value must not be above its bound."""
    verdict(what, seen, f"at most {bound}", unit, seen <= bound)


def verdict(what, seen, bound, unit, holds):
    print(f"* {what}: {seen:.2f}{unit}, {bound}{unit}: {'holds' if holds else 'MISSED'}", flush=True)
