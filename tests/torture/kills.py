"""SIGKILL at every step between two durable effects: what was promised still holds after a restart.

A kill is counted only when the process really died of it. Which points a stage passes, and how often, is
seen in a run of it; each of these passings is killed in its turn, then chains of one to three kills in a row
by chance. After them the stage is brought to its end without any, and the sandbox is asked what people would
have seen.
"""
import collections
import concurrent.futures
import random
import threading

from harness import desk
from stages import STAGES, here, points, sound

DEEPEST = 40  # how many passings of one point are tried within one command
AT_ONCE = 4   # desks at the same time; most of a pass is waiting
ROUNDS = 12   # of a desk: what it knows makes each round longer


class Tally:
    """What happened, by stage and point, for the tables and the sums."""

    def __init__(self):
        self.kills, self.rounds, self.desks = collections.Counter(), collections.Counter(), 0
        self.in_a_row = collections.Counter()  # (stage, how many)
        self.passed = {}                       # stage: {point: passings}, of the command that is struck
        self.later = {}                        # the same of what the second kill hits
        self.lock = threading.Lock()

    def round_ended(self, stage, struck):
        with self.lock:
            self.rounds[stage] += 1
            for point in struck:
                self.kills[stage, point.split("@")[0]] += 1
            if struck:
                self.in_a_row[stage, len(struck)] += 1

    def total(self):
        with self.lock:
            return sum(self.kills.values())

    def unpassed(self):
        """Points of the source that no stage came by."""
        return points() - {name for seen in (self.passed, self.later) for stage in seen.values() for name in stage}


def one_round(d, stage, chain, tally):
    it = stage.start(d)
    struck = []
    for point in chain:
        act = stage.again if struck else stage.strike
        result = act(d, it, {"CREDITBOT_FAILPOINT": point})
        if result.code == -9:
            struck.append(point)
    try:
        stage.finish(d, it)
        stage.check(d, it)
    except AssertionError as error:
        raise AssertionError(f"{stage.name}, killed at {', '.join(struck) or 'nothing'}: {error}") from error
    tally.round_ended(stage.name, struck)


def on_a_desk(make, chains, tally, goal=None):
    """Rounds of one stage on one desk, which must be sound in the end."""
    stage = make()
    with desk(stage.settings or None) as d:
        stage.open(d)
        with tally.lock:
            tally.desks += 1
        for chain in chains:
            one_round(d, stage, chain, tally)
            if goal and tally.total() >= goal:
                break
        sound(d, stage.name)


def traced(d, act, it, name):
    """{point: how often this act passes it}."""
    file = d.root / "traces" / name
    act(d, it, {"CREDITBOT_FAILPOINT_TRACE": str(file)})
    return collections.Counter(file.read_text(encoding="ascii").split()) if file.exists() else {}


def look(make, tally):
    """One whole way of a stage, and the way again after it was killed at its first step."""
    stage = make()
    with desk(stage.settings or None) as d:
        stage.open(d)
        (d.root / "traces").mkdir()
        (d.root / "traces").chmod(0o777)  # other persons trace, too
        it = stage.start(d)
        tally.passed[stage.name] = traced(d, stage.strike, it, "first")
        stage.finish(d, it)
        it = stage.start(d)
        first = next(iter(tally.passed[stage.name]))
        stage.strike(d, it, {"CREDITBOT_FAILPOINT": first})
        tally.later[stage.name] = traced(d, stage.again, it, "later")
        stage.finish(d, it)


def each_passing(tally, stage, deepest):
    return [[f"{point}@{nth}"] for point, times in sorted(tally.passed[stage].items())
            for nth in range(1, min(times, deepest) + 1)]


def each_once(tally, stages, chance):
    """{stage: chains}, the short form: every point in one of the stages that pass it, every stage at least once."""
    chosen = collections.defaultdict(list)
    for point in sorted({name for passed in tally.passed.values() for name in passed}):
        stage = chance.choice([name for name in sorted(tally.passed) if point in tally.passed[name]])
        chosen[stage].append(point)
    for stage in stages:
        chosen[stage.name] = chosen[stage.name] or [chance.choice(sorted(tally.passed[stage.name]))]
    return {stage: [[f"{point}@{chance.randint(1, tally.passed[stage][point])}"] for point in names]
            for stage, names in chosen.items()}


def by_chance(tally, stage, chance, rows, shortest):
    def draw(passed):
        name = chance.choice(sorted(passed))
        return f"{name}@{chance.randint(1, passed[name])}"
    for _ in range(rows):
        length = chance.randint(shortest, 3) if tally.later[stage] else 1
        yield [draw(tally.passed[stage]), *(draw(tally.later[stage]) for _ in range(length - 1))]


def torture(goal, seed, deepest=DEEPEST, say=lambda text: None, at_once=AT_ONCE):
    """Every passing of every stage (deepest 0: every point once), then chains by chance until so many processes
    were killed."""
    tally, stages = Tally(), here()
    chance = random.Random(seed)
    with concurrent.futures.ThreadPoolExecutor(at_once) as pool:
        list(pool.map(lambda make: look(make, tally), stages))
        once = each_once(tally, stages, chance)
        work = []
        for make in stages:
            chains = each_passing(tally, make.name, deepest) if deepest else once[make.name]
            work += [(make, chains[i:i + ROUNDS]) for i in range(0, len(chains), ROUNDS)]
        say(f"{len(stages)} stages, {sum(len(chains) for _, chains in work)} steps to be killed at")
        for number, _ in enumerate(pool.map(lambda job: on_a_desk(*job, tally), work), 1):
            if number % 20 == 0:
                say(f"{tally.total()} kills, each step in its turn")
        while tally.total() < goal:
            drawn = chance.sample(stages, len(stages))
            rows, shortest = (ROUNDS, 1) if deepest else (2, 3)
            work = [(make, list(by_chance(tally, make.name, chance, rows, shortest))) for make in drawn]
            list(pool.map(lambda job: on_a_desk(*job, tally, goal), work))
            say(f"{tally.total()} of {goal} kills")
    return tally


def stage_table(tally):
    """How each stage was interrupted. All of them ended in what was promised."""
    yield ["stage", "steps", "1 kill", "2 in a row", "3 in a row", "kills"]
    names = [make.name for make in STAGES if make.name in tally.passed]
    for name in names:
        rows = [tally.in_a_row[name, many] for many in (1, 2, 3)]
        yield [name, sum(tally.passed[name].values()), *rows,
               sum(count for (stage, _), count in tally.kills.items() if stage == name)]
    yield ["all", sum(sum(passed.values()) for passed in tally.passed.values()),
           *(sum(tally.in_a_row[name, many] for name in names) for many in (1, 2, 3)), tally.total()]


def point_table(tally):
    yield ["killed at", "stages", "kills"]
    for point in sorted({point for _, point in tally.kills}):
        hit = {stage: count for (stage, name), count in tally.kills.items() if name == point}
        yield [point, len(hit), sum(hit.values())]
