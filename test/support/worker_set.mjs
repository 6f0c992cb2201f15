// Data sets that worker threads make for themselves (see test/workers.test.ts).
import * as torch from 'flambeau';

const { Dataset, IterableDataset, getWorkerInfo } = torch.utils.data;

/** Items of every kind that collates; `bad` throws. */
export class Mixed extends Dataset {
  constructor(length, bad = -1) {
    super();
    this.count = length;
    this.bad = bad;
  }
  get length() {
    return this.count;
  }
  at(i) {
    if (i === this.bad) throw new torch.ValueError('cannot read it');
    return { x: torch.full([2], i, { dtype: torch.float32 }), y: i, half: i + 0.5, name: `item ${i}` };
  }
}

/** Whole numbers at even indices only: the two workers of a test see different kinds of numbers. */
export class Halves extends Dataset {
  get length() {
    return 8;
  }
  at(i) {
    return i / 2;
  }
}

export class Random extends Dataset {
  get length() {
    return 6;
  }
  at() {
    return torch.rand(1).item();
  }
}

export class Exits extends Dataset {
  get length() {
    return 20;
  }
  at(i) {
    if (i === 7) process.exit(3);
    return i;
  }
}

export class Hangs extends Dataset {
  get length() {
    return 4;
  }
  at() {
    return new Promise(() => {});
  }
}

export class Slow extends Dataset {
  get length() {
    return 12;
  }
  async at(i) {
    // The first worker is always late: order must not depend on who is ready.
    await new Promise((resolve) => setTimeout(resolve, i % 4 < 2 ? 40 : 0));
    return i;
  }
}

export class Stream extends IterableDataset {
  constructor(length) {
    super();
    this.count = length;
  }
  *[Symbol.iterator]() {
    const { id, numWorkers } = getWorkerInfo() ?? { id: 0, numWorkers: 1 };
    for (let i = id; i < this.count; i += numWorkers) yield i;
  }
}

export function remember(id) {
  globalThis.rememberedId = id;
}

export class Remembers extends Dataset {
  get length() {
    return 4;
  }
  at() {
    return [globalThis.rememberedId, getWorkerInfo().id, getWorkerInfo().dataset === this];
  }
}

export const fails = () => {
  throw new torch.RuntimeError('no such data');
};

export const ready = [1, 2, 3];

/** A random number with each index, so that the streams of the workers can be seen. */
export class Draws extends Dataset {
  get length() {
    return 7;
  }
  at(i) {
    return [i, torch.rand(1, { dtype: torch.float64 }).item()];
  }
}

/** Detections: pictures without any box, too. */
export class Boxes extends Dataset {
  get length() {
    return 2;
  }
  at(i) {
    return { boxes: torch.zeros(0, 4), label: i };
  }
}
