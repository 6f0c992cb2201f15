/** A world of threads that share memory, in place of one of processes: what MPI does, where no MPI is. Every call waits for all others. */
const limit = 120_000;
const slotBytes = 1 << 24;
const ints = 4096;

/** Memory for so many ranks. */
export const makeShared = (size) => ({
  size,
  flags: new SharedArrayBuffer(4 * ints),
  slots: new SharedArrayBuffer(slotBytes * size),
});

const reductions = {
  SUM: (a, b) => a + b,
  AVG: (a, b) => a + b,
  PRODUCT: (a, b) => a * b,
  MIN: (a, b) => (a < b ? a : b),
  MAX: (a, b) => (a > b ? a : b),
  BAND: (a, b) => a & b,
  BOR: (a, b) => a | b,
  BXOR: (a, b) => a ^ b,
};
const arrays = {
  float32: Float32Array,
  float64: Float64Array,
  int64: BigInt64Array,
  int32: Int32Array,
  uint8: Uint8Array,
  bool: Uint8Array,
};

class SharedCommunicator {
  constructor(shared, members, world, counter) {
    this.shared = shared;
    this.members = members;
    this.world = world;
    this.counter = counter;
    this.rank = members.indexOf(world);
    this.size = members.length;
    this.flags = new Int32Array(shared.flags);
    /** Which two flags this group has: how many have come, and how often all have. */
    this.at = 2 * counter.next++;
    if (this.at + 2 > ints) throw new Error('too many groups');
  }

  meet(text) {
    const { flags, at, size } = this;
    const round = Atomics.load(flags, at + 1);
    if (Atomics.add(flags, at, 1) === size - 1) {
      Atomics.store(flags, at, 0);
      Atomics.add(flags, at + 1, 1);
      Atomics.notify(flags, at + 1);
      return;
    }
    while (Atomics.load(flags, at + 1) === round)
      if (Atomics.wait(flags, at + 1, round, limit) === 'timed-out') throw new Error(`${text} timed out`);
  }

  slot(rank) {
    return new Uint8Array(this.shared.slots, this.members[rank] * slotBytes, slotBytes);
  }

  /** What all ranks have put into their slots, one buffer behind the other. */
  start(call, done) {
    const { kind, inputs, outputs, op, root } = call;
    const mine = this.slot(this.rank);
    let offset = 0;
    for (const { bytes } of inputs) {
      if (offset + bytes.length > slotBytes) throw new Error('a slot is too small');
      mine.set(bytes, offset);
      offset += bytes.length;
    }
    this.meet(call.text);
    this.take(kind, inputs, outputs, op, root);
    this.meet(call.text);
    done(null, -1);
  }

  take(kind, inputs, outputs, op, root) {
    const { rank, size } = this;
    const copy = (output, from, offset) =>
      output.bytes.set(this.slot(from).subarray(offset, offset + output.bytes.length));
    if (kind === 'allReduce' || (kind === 'reduce' && rank === root)) this.reduce(outputs[0], 0, op);
    else if (kind === 'broadcast') copy(outputs[0], root, 0);
    else if (kind === 'allGather' || (kind === 'gather' && rank === root))
      for (let i = 0; i < size; i++) copy(outputs[i], i, 0);
    else if (kind === 'reduceScatter') this.reduce(outputs[0], rank * outputs[0].bytes.length, op);
    else if (kind === 'scatter') copy(outputs[0], root, rank * outputs[0].bytes.length);
    else if (kind === 'allToAll')
      for (let i = 0; i < size; i++) copy(outputs[i], i, rank * outputs[i].bytes.length);
  }

  reduce(output, offset, op) {
    const Type = arrays[output.dtype.name];
    if (Type === undefined) throw new Error(`no reduction of ${output.dtype.name}`);
    const { length } = output.bytes;
    const of = (rank) => {
      const { buffer, byteOffset } = this.slot(rank).subarray(offset);
      return new Type(buffer, byteOffset, length / Type.BYTES_PER_ELEMENT);
    };
    const sum = Type.from(of(0));
    for (let rank = 1; rank < this.size; rank++)
      for (const [i, value] of of(rank).entries()) sum[i] = reductions[op](sum[i], value);
    if (op === 'AVG') for (let i = 0; i < sum.length; i++) sum[i] /= this.size;
    output.bytes.set(new Uint8Array(sum.buffer));
  }

  /** Calls have ended when they return. */
  waitSync() {}

  async monitoredBarrier() {
    this.meet('monitoredBarrier');
  }

  async split(ranks) {
    return this.splitSync(ranks);
  }

  splitSync(ranks) {
    const members = ranks.map((rank) => this.members[rank]);
    const made = new SharedCommunicator(this.shared, members, this.world, this.counter);
    return made.rank < 0 ? null : made;
  }

  async free() {}
}

/** How the world of a rank begins. */
export const startShared = (shared, rank) => async () => ({
  communicator: new SharedCommunicator(
    shared,
    Array.from({ length: shared.size }, (_, i) => i),
    rank,
    { next: 0 },
  ),
  localRank: rank,
  async end() {},
});
