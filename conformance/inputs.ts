/** Tensors and values of a case, rebuilt from the recording. */
import type { Case, Json, Store } from './corpus.js';
import { camelCase, dtypeNamed, lookUp, Missing, torch } from './library.js';

/** A flat tensor of the bytes of an entry. */
function fromBytes(bytes: Uint8Array, dtype: torch.DType): torch.Tensor {
  if (dtype === torch.bfloat16) {
    // NumPy has no such dtype, so neither has numpy(): the upper halves of float32.
    const wide = new Uint8Array(2 * bytes.length).map((_, i) =>
      i % 4 < 2 ? 0 : bytes[(i >> 2) * 2 + (i % 2)],
    );
    return fromBytes(wide, torch.float32).to(dtype);
  }
  const flat = torch.empty([bytes.length / dtype.itemsize], { dtype });
  const { data } = (dtype.isComplex ? torch.viewAsReal(flat) : flat).numpy();
  new Uint8Array(data.buffer, data.byteOffset, bytes.length).set(bytes);
  // Tensors that have been shown to the user lie in memory of another kind; ops should meet the usual one.
  return flat.clone();
}

/** Python's numbers: a whole float must be marked as one. */
function float(value: string | number): number | torch.PyFloat {
  const number = toNumber(value);
  return Number.isInteger(number) ? torch.pyfloat(number) : number;
}

function toNumber(value: string | number): number {
  return value === 'nan' ? Number.NaN : Number(String(value).replace('inf', 'Infinity'));
}

export class Inputs {
  private readonly tensors = new Map<number, torch.Tensor>();
  private readonly storages = new Map<number, torch.Tensor>();
  /** Results of a case's steps. */
  steps: unknown[] = [];

  constructor(
    private readonly record: Pick<Case, 'tensors'>,
    protected readonly store: Store,
    readonly device: string,
  ) {}

  /** Whether what is on the device can only be read asynchronously. */
  get waits(): boolean {
    return this.device !== 'cpu';
  }

  /** The tensor of this position; always the same one. */
  tensor(position: number): torch.Tensor {
    let tensor = this.tensors.get(position);
    if (tensor === undefined) {
      tensor = this.make(position);
      this.tensors.set(position, tensor);
    }
    return tensor;
  }

  /** Lets an actual result stand for an expected one, for steps that go on from it. */
  replace(position: number, tensor: torch.Tensor): void {
    this.tensors.set(position, tensor);
  }

  private make(position: number): torch.Tensor {
    const d = this.record.tensors[position];
    const dtype = dtypeNamed(d.d);
    if (d.fill !== undefined) return torch.full(d.s, d.fill, { dtype, device: this.device });
    let flat = d.sid === undefined ? undefined : this.storages.get(d.sid);
    flat ??= fromBytes(this.store.get(d.k!)!, dtype).to(this.device);
    if (d.sid !== undefined) this.storages.set(d.sid, flat);
    const tensor = d.st === undefined ? flat.reshape(d.s) : flat.asStrided(d.s, d.st, d.o!);
    if (!d.rg) return tensor;
    const leaf = tensor.detach();
    leaf.requiresGrad = true;
    return leaf;
  }

  /** The JavaScript value of an encoded one; tuples are frozen arrays. */
  decode(x: Json): unknown {
    if (x === null || typeof x !== 'object') return x;
    if (Array.isArray(x)) return x.map((item) => this.decode(item));
    const [kind, v] = Object.entries(x)[0];
    const list = () => (v as Json[]).map((item) => this.decode(item));
    switch (kind) {
      case 't':
        return this.tensor(v as number);
      case 'r': {
        const [step, ...path] = v as number[];
        return path.reduce((result, j) => (result as unknown[])[j], this.steps[step]);
      }
      case 'i':
        return typeof v === 'string' ? BigInt(v) : v;
      case 'f':
        return float(v as string | number);
      case 'c': {
        const [re, im] = v as (string | number)[];
        return torch.Complex(toNumber(re), toNumber(im));
      }
      case 'dtype':
        return dtypeNamed(v as string);
      case 'device':
        // Recorded on the CPU, which here stands for whichever device is tried.
        return v === 'cpu' ? torch.device(this.device) : torch.device(v as string);
      case 'memory_format':
      case 'layout':
        return lookUp([camelCase(v as string)]);
      case 'slice':
        return torch.slice(...(list() as [number, number, number]));
      case 'ellipsis':
        return '...';
      case 'size':
        return v;
      case 'l':
        return list();
      case 'tu':
        return Object.freeze(list());
      case 'nt':
        return Object.freeze((x.v as Json[]).map((item) => this.decode(item)));
      case 'd':
        return this.options(v as Record<string, Json>);
      case 'obj':
        return this.object(v as string, x.fields as Record<string, Json>);
      case 'generator':
        return new torch.Generator().manualSeed(v as number);
      case 'callable':
        return callable(v as string);
      default:
        throw new Missing(`values of kind ${kind}`);
    }
  }

  /** An object of settings of `torch.nn`. */
  private object(name: string, fields: Record<string, Json>): unknown {
    const Class = lookUp(['nn', name]) as new (options: Record<string, unknown>) => object;
    return new Class(this.options(fields));
  }

  /** Named arguments. */
  options(values: Record<string, Json>): Record<string, unknown> {
    return Object.fromEntries(
      Object.entries(values).map(([name, value]) => [camelCase(name), this.decode(value)]),
    );
  }
}

/** A function of the library, or a module of no arguments, which is one too: `torch.nn.modules.distance.PairwiseDistance()`. */
function callable(source: string): unknown {
  const module = /^torch\.nn\.modules\.\w+\.(\w+)\(\)$/.exec(source);
  if (module === null) return lookUp(source.split('.').slice(1).map(camelCase));
  const Class = lookUp(['nn', module[1]]) as new () => torch.nn.Module;
  const made = new Class();
  return (...args: unknown[]) => made.forward(...args);
}
