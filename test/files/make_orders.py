"""Makes loader_orders.json.golden, which test/data.test.ts and test/workers.test.ts read: python make_orders.py (with torch)."""
import json
import os
import torch
from torch.utils.data import (BatchSampler, DataLoader, Dataset, RandomSampler, SequentialSampler, SubsetRandomSampler,
                              WeightedRandomSampler)

SAMPLERS = {
    'none': lambda data, g: None,
    'random': lambda data, g: RandomSampler(data, generator=g),
    'replacement': lambda data, g: RandomSampler(data, replacement=True, num_samples=37, generator=g),
    'more': lambda data, g: RandomSampler(data, num_samples=17, generator=g),
    'fewer': lambda data, g: RandomSampler(data, num_samples=3, generator=g),
    'rounds': lambda data, g: RandomSampler(data, num_samples=14, generator=g),
    'subset': lambda data, g: SubsetRandomSampler([1, 3, 5], generator=g),
    'weighted': lambda data, g: WeightedRandomSampler([.1, .2, .3, .4], 9, generator=g),
    'distinct': lambda data, g: WeightedRandomSampler([.1, .2, .3, .4], 3, replacement=False, generator=g),
    'sequential': lambda data, g: SequentialSampler(data),
}


class Draws(Dataset):
    def __len__(self):
        return 7

    def __getitem__(self, i):
        return i, torch.rand(1, dtype=torch.float64).item()


def plain(batch):
    return [plain(item) for item in batch] if isinstance(batch, (list, tuple)) else torch.as_tensor(batch).tolist()


def generator(seed):
    return torch.Generator().manual_seed(seed) if seed else None


def iterate(loader, epochs, stop_after=None):
    """Two or more epochs, the first left after a batch if asked for; and a number that tells what was drawn."""
    batches = []
    for epoch in range(epochs):
        batches.append([])
        for batch in loader:
            batches[-1].append(plain(batch))
            if epoch == 0 and stop_after is not None:
                break
    return {'epochs': batches, 'after': torch.randint(0, 1000000, (1,)).item()}


if __name__ == '__main__':
    here, workers = [], []
    for name, make in SAMPLERS.items():
        for own, loaders in ((None, None), (None, 7), (5, 7)):
            for how in ({'batch_size': 3}, {'batch_size': None}, {'batch_size': 2, 'drop_last': True}, 'batches'):
                for shuffle in (False, True) if name == 'none' and how != 'batches' else (None,):
                    if name == 'none' and (how == 'batches' or own):
                        continue
                    torch.manual_seed(1)
                    data = list(range(7))
                    sampler = make(data, generator(own))
                    if how == 'batches':
                        loader = DataLoader(data, batch_sampler=BatchSampler(sampler, 3, True), generator=generator(loaders))
                    else:
                        loader = DataLoader(data, sampler=sampler, shuffle=shuffle, generator=generator(loaders), **how)
                    here.append({'sampler': name, 'samplerSeed': own, 'loaderSeed': loaders, 'how': how, 'shuffle': shuffle,
                                 'length': len(loader), **iterate(loader, 2)})
    for seed, stop_after, options in (
        (None, None, {'batch_size': 2, 'shuffle': True, 'num_workers': 2}),
        (None, 0, {'batch_size': 2, 'shuffle': True, 'num_workers': 2}),
        (5, None, {'batch_size': 3, 'shuffle': True, 'num_workers': 2, 'drop_last': True}),
        (None, None, {'batch_size': 2, 'shuffle': True, 'num_workers': 2, 'persistent_workers': True}),
        (5, None, {'batch_size': 2, 'shuffle': True, 'num_workers': 2, 'persistent_workers': True}),
        (None, 0, {'batch_size': 2, 'shuffle': True, 'num_workers': 1, 'prefetch_factor': 1, 'persistent_workers': True}),
        (None, None, {'batch_size': 2, 'shuffle': False, 'num_workers': 2, 'persistent_workers': True}),
    ):
        torch.manual_seed(3)
        loader = DataLoader(Draws(), generator=generator(seed), **options)
        workers.append({'loaderSeed': seed, 'leave': stop_after is not None, 'options': options, **iterate(loader, 3, stop_after)})
    os.chdir(os.path.dirname(os.path.abspath(__file__)))
    with open('loader_orders.json.golden', 'w') as file:
        json.dump({'here': here, 'workers': workers}, file)
