"""Texts of measurements and tables, as PyTorch prints them: writes benchmark.json.golden."""
import itertools
import json
import pathlib
import random

from torch.utils.benchmark import Compare, Measurement
from torch.utils.benchmark.utils.common import TaskSpec

random.seed(0)


def times(count, centre, spread):
    return [centre * (1 + spread * random.gauss(0, 1)) for _ in range(count)]


def measured(raw_times, number_per_run=1, **task):
    task = {'stmt': 'x + y', 'setup': 'pass', **task}
    return Measurement(number_per_run, raw_times, TaskSpec(**task)), {
        'numberPerRun': number_per_run,
        'rawTimes': raw_times,
        'task': task,
    }


singles = [
    measured([1.5e-3], 1000),
    measured([2e-6, 2.1e-6, 1.9e-6]),
    measured(times(20, 3.3e-3, 0.01), 100, label='add', sub_label='4x8', description='first'),
    measured(times(20, 3.3e-3, 0.1), 100, label='add', num_threads=4),
    measured(times(20, 3.3, 0.4), 1, stmt='a = x\nb = a + a', setup='import torch', sub_label='two lines'),
    measured(times(7, 8e-7, 0.05), 1, stmt='a = x\nb = a + a', setup='x = 1\n\ny = 2', num_threads=2),
    measured([1e-6] * 4),
    measured([999.9e-9] * 4),
    measured([2.5, 3.5]),
]


def table(results, *calls):
    compare = Compare([one for one, _ in results])
    for name, args in calls:
        getattr(compare, name)(*args)
    return {'results': [described for _, described in results], 'calls': [[name, list(args)] for name, args in calls], 'text': str(compare)}


grid = [
    measured(times(9, base * (1 + i) * (3 if description == 'slow' else 1) / threads, 0.02), 10, label='Product', sub_label=f'[{size}, {size}]', description=description, num_threads=threads)
    for threads in (1, 4)
    for i, (size, base) in enumerate([(8, 4e-6), (64, 7.7e-5), (512, 1.3e-3)])
    for description in ('fast', 'slow')
]
gaps = [one for i, one in enumerate(grid) if i % 5 != 3]
wide = [
    measured(times(9, centre, spread), 1, label=label, description=description, env=env, sub_label=sub)
    for (label, spread), (description, centre), env, sub in itertools.product(
        [('one', 0.01), ('two', 0.3)], [('a', 1e-7), ('b', 2.2e-5)], ['main', 'branch'], ['x', 'yy']
    )
]
trims, warns = ('trim_significant_figures', ()), ('highlight_warnings', ())
tables = [
    table(grid),
    table(grid, trims),
    table(grid, ('colorize', ())),
    table(grid, trims, ('colorize', (True,))),
    table(gaps, trims, warns),
    table(wide, warns),
    table(wide, trims, warns, ('colorize', ())),
    table([measured([1e-3, 2e-3], description='only'), measured([5e-2], description='other')]),
    table([*grid[:2], *grid[:2]], trims),
]
golden = {
    'singles': [{**described, 'text': repr(one), 'figures': one.significant_figures} for one, described in singles],
    'tables': tables,
}
path = pathlib.Path(__file__).parent / 'benchmark.json.golden'
path.write_text(json.dumps(golden, separators=(',', ':'), ensure_ascii=False).replace('},{"number', '},\n{"number') + '\n')
