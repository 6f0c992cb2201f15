/** Ranks that are threads of one process: a backend of collectives over ports, which blocks as MPI's does, or does not. */
import { on } from 'node:events';
import { MessageChannel, parentPort, receiveMessageOnPort, Worker, workerData } from 'node:worker_threads';

/** Runs the default function of a module in so many threads, as ranks of the backend 'threads', and returns what each returns. */
export async function runRanks(size, program, { blocks = true, given = null } = {}) {
  const wakes = new Int32Array(new SharedArrayBuffer(4 * size));
  const ports = Array.from({ length: size }, () => new Array(size).fill(null));
  for (let i = 0; i < size; i++)
    for (let j = 0; j < i; j++) {
      const { port1, port2 } = new MessageChannel();
      ports[i][j] = port1;
      ports[j][i] = port2;
    }
  const ranks = ports.map((row, rank) => {
    const own = row.filter((port) => port !== null);
    const data = { rank, ports: row, wakes, program: String(program), blocks, given };
    return new Worker(new URL(import.meta.url), {
      workerData: data,
      transferList: own,
      execArgv: ['--conditions=module'],
    });
  });
  try {
    return await Promise.all(
      ranks.map(async (worker) => {
        for await (const [message] of on(worker, 'message', { close: ['exit'] })) return message;
        throw new Error('a rank has ended without an answer');
      }),
    );
  } finally {
    await Promise.all(ranks.map((worker) => worker.terminate()));
  }
}

const reductions = {
  SUM: (a, b) => a.add(b),
  AVG: (a, b) => a.add(b),
  MAX: (a, b) => a.maximum(b),
  MIN: (a, b) => a.minimum(b),
  PRODUCT: (a, b) => a.mul(b),
};

/** What ranks send each other, and the calls that wait for it. */
class Exchange {
  calls = [];
  arrived = new Map();

  constructor(torch, { rank, ports, wakes, blocks }) {
    Object.assign(this, { torch, rank, ports, wakes });
    this.size = ports.length;
    for (const [peer, port] of ports.entries()) port?.on('message', (message) => this.take(peer, message));
    if (blocks) this.waitSync = () => this.wait();
  }

  wait() {
    while (this.calls.length > 0) {
      const seen = Atomics.load(this.wakes, this.rank);
      const before = this.calls.length;
      for (const [peer, port] of this.ports.entries())
        for (let m = port && receiveMessageOnPort(port); m; m = receiveMessageOnPort(port))
          this.take(peer, m.message);
      if (this.calls.length < before) return;
      if (Atomics.wait(this.wakes, this.rank, seen, 20_000) === 'timed-out')
        throw new Error(`rank ${this.rank} waits for ${this.calls.map(({ text }) => text).join(', ')}`);
    }
  }

  send(peer, message) {
    this.ports[peer].postMessage(message);
    Atomics.add(this.wakes, peer, 1);
    Atomics.notify(this.wakes, peer);
  }

  take(peer, { key, text, parts }) {
    if (!this.arrived.has(key)) this.arrived.set(key, new Map());
    this.arrived.get(key).set(peer, { text, parts });
    this.settle();
  }

  /** Ends the calls for which all is there, the oldest first. */
  settle() {
    for (const call of [...this.calls]) {
      const there = this.arrived.get(call.key);
      if (there === undefined || there.size < call.ranks.length) continue;
      this.arrived.delete(call.key);
      this.calls.splice(this.calls.indexOf(call), 1);
      const others = call.ranks.map((peer) => there.get(peer));
      const odd = others.findIndex(({ text }) => text !== call.text);
      if (odd >= 0)
        call.done(
          new Error(`rank ${this.rank} calls ${call.text}, rank ${odd} calls ${others[odd].text}`),
          -1,
        );
      else call.finish(others.map(({ parts }) => parts));
    }
  }
}

class ThreadGroup {
  count = 0;

  constructor(exchange, name, ranks) {
    Object.assign(this, { exchange, name, ranks, rank: ranks.indexOf(exchange.rank), size: ranks.length });
    if (exchange.waitSync) this.waitSync = exchange.waitSync;
  }

  start({ kind, inputs, outputs, op, root, text }, done) {
    const { exchange, ranks, rank } = this;
    const key = `${this.name}:${this.count++}`;
    const copy = ({ bytes }) => bytes.slice();
    const finish = (all) => {
      if (kind === 'allReduce')
        this.reduce(
          inputs[0],
          outputs[0],
          all.map(([first]) => first),
          op,
        );
      if (kind === 'broadcast' && rank !== root) outputs[0].bytes.set(all[root][0]);
      if (kind === 'allGather' || (kind === 'gather' && rank === root))
        for (const [i, { bytes }] of outputs.entries()) bytes.set(all[i][0]);
      if (kind === 'scatter') outputs[0].bytes.set(all[root][rank]);
      if (kind === 'allToAll') for (const [i, { bytes }] of outputs.entries()) bytes.set(all[i][rank]);
      if (kind === 'reduceScatter')
        this.reduce(
          inputs[rank],
          outputs[0],
          all.map((parts) => parts[rank]),
          op,
        );
      if (kind === 'reduce' && rank === root)
        this.reduce(
          inputs[0],
          outputs[0],
          all.map(([first]) => first),
          op,
        );
      done(null, -1);
    };
    // What is gathered may be of any size.
    const told = kind === 'allGather' ? text.replace(/\[.*\]/, '') : text;
    const own = { text: `${told} ${op}`, parts: inputs.map(copy) };
    exchange.calls.push({ key, ranks, text: own.text, finish, done });
    for (const peer of ranks) if (peer !== exchange.rank) exchange.send(peer, { key, ...own });
    exchange.take(exchange.rank, { key, ...own });
  }

  /** In the order of the ranks, so that it is the same everywhere. */
  reduce({ dtype }, { bytes }, parts, op) {
    const { torch } = this.exchange;
    const tensors = parts.map((part) => torch.frombuffer(part.buffer, { dtype }));
    let result = tensors.reduce(reductions[op]);
    if (op === 'AVG') result = result.div(this.size);
    torch.frombuffer(bytes.buffer, { dtype, count: result.numel(), offset: bytes.byteOffset }).copy_(result);
  }

  async split(members) {
    return this.splitSync(members);
  }

  splitSync(members) {
    const ranks = members.map((one) => this.ranks[one]);
    this.splits = (this.splits ?? 0) + 1;
    const name = `${this.name}/${this.splits}`;
    return ranks.includes(this.exchange.rank) ? new ThreadGroup(this.exchange, name, ranks) : null;
  }

  async monitoredBarrier() {}
  async free() {}
}

if (parentPort !== null && workerData?.program !== undefined) {
  const { program, rank, ports, given } = workerData;
  let answer;
  try {
    const torch = await import('../../dist/index.js');
    const dist = await import('../../dist/distributed/index.js');
    const { addBackend } = await import('../../dist/distributed/worlds.js');
    torch.setNumThreads(1);
    const exchange = new Exchange(torch, workerData);
    addBackend('threads', async () => ({
      communicator: new ThreadGroup(exchange, 'world', [...ports.keys()]),
      localRank: rank,
      async end() {},
    }));
    await dist.initProcessGroup('threads');
    const { default: main } = await import(program);
    answer = { result: await main({ torch, dist, given }) };
    await dist.destroyProcessGroup();
  } catch (error) {
    answer = { error: `${error.name}: ${error.message}` };
  }
  parentPort.postMessage(answer);
}
