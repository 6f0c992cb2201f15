// Data sets whose worker threads come to grief (see test/worker-faults.test.ts).
import { parentPort } from 'node:worker_threads';
import * as torch from 'flambeau';

/** Eight items; what happens to the worker that is asked for number 5 is said by `fault`. */
export class Faulty extends torch.utils.data.Dataset {
  constructor(fault) {
    super();
    this.fault = fault;
  }
  get length() {
    return 8;
  }
  async at(i) {
    if (i === 5) await faults[this.fault]();
    return torch.full([2], i).add(0);
  }
}

const never = () => new Promise(() => {});

const faults = {
  none() {},
  'exits with 0': () => process.exit(0),
  'exits with 9': () => process.exit(9),
  'closes its port': () => {
    parentPort.close();
    return never();
  },
  'throws outside of the item': () => {
    setTimeout(() => {
      throw new Error('thrown on the side');
    });
    return never();
  },
  'rejects outside of the item': () => {
    void Promise.reject(new Error('rejected on the side'));
    return never();
  },
  'runs out of memory': () => {
    const kept = [];
    for (;;) kept.push(new Array(100_000).fill(kept.length));
  },
  'throws what is no error': () => {
    throw null;
  },
  'exits at work': () => {
    setTimeout(() => process.exit(4), 50);
    const x = torch.ones(500_000);
    return (async () => {
      for (;;) {
        for (let k = 0; k < 20; k++) x.exp().sum().item();
        await new Promise((resolve) => setImmediate(resolve));
      }
    })();
  },
};
