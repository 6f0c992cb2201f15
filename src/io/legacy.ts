import { RuntimeError } from '../core/errors.js';
import type { ByteSource } from './byte_source.js';
import { refused, TruncatedPickle } from './file_errors.js';
import { type LoadRules, pickleRules } from './load_rules.js';
import { Rebuilder } from './rebuilder.js';
import { legacyMagic, legacyProtocol } from './storage_types.js';
import { isSize, type MapLocation, type StorageClaim, StorageLoader } from './storages.js';
import { type PickleRules, Unpickler } from './unpickler.js';

/** The first pickle, as any version of Python writes it: a protocol, then a LONG1 of ten bytes. */
export function isLegacy(head: Uint8Array): boolean {
  return head.length >= 5 && head[0] === 0x80 && head[2] === 0x8a && head[3] === 10;
}

/** Loads a file of PyTorch before 1.6 (or of `_use_new_zipfile_serialization=False`): pickles, then the storages. */
export async function loadLegacy(
  source: ByteSource,
  mapLocation: MapLocation | null,
  rules: LoadRules,
): Promise<unknown> {
  const { unpickler, value, keys, end } = await readPickles(source, pickleRules(rules));
  const storages = new StorageLoader(mapLocation);
  const claims = new Map<string, StorageClaim>();
  for (const reference of unpickler.references) {
    const claim = storages.claim(reference);
    if (!claims.has(claim.key)) claims.set(claim.key, claim);
  }
  let at = end;
  for (const key of keys) {
    const claim = typeof key === 'string' ? claims.get(key) : undefined;
    if (claim === undefined || storages.has(claim.key))
      throw refused(`storage ${describe(key)} is not expected here`);
    at = await readStorage(source, at, claim, storages);
  }
  return new Rebuilder((reference) => storages.get(reference), unpickler.budget, rules).rebuild(value);
}

interface Pickles {
  /** Of the value. */
  readonly unpickler: Unpickler;
  readonly value: unknown;
  readonly keys: readonly unknown[];
  /** Where the storages begin. */
  readonly end: number;
}

/** Nothing says how long the pickles are, so more and more of the file is tried; large files are mostly storages. */
async function readPickles(source: ByteSource, rules: PickleRules): Promise<Pickles> {
  for (let length = 1 << 16; ; length *= 4) {
    const bytes = await source.read(0, Math.min(length, source.size));
    try {
      return unpickle(bytes, rules);
    } catch (error) {
      if (!(error instanceof TruncatedPickle) || bytes.length === source.size) throw error;
    }
  }
}

function unpickle(bytes: Uint8Array, rules: PickleRules): Pickles {
  let at = 0;
  const next = () => {
    const unpickler = new Unpickler(bytes, rules, at);
    const value = unpickler.load();
    at = unpickler.position;
    return { unpickler, value };
  };
  if (next().value !== legacyMagic) throw new RuntimeError('Invalid magic number; corrupt file?');
  const version = next().value;
  if (version !== legacyProtocol) throw new RuntimeError(`Invalid protocol version: ${describe(version)}`);
  next();
  const { unpickler, value } = next();
  const keys = next().value;
  if (!Array.isArray(keys)) throw refused('the list of storages is no list');
  return { unpickler, value, keys, end: at };
}

/** Numbers and strings as they are; what may be too deep to be shown by its kind. */
function describe(value: unknown): string {
  return typeof value === 'object' ? 'an object' : String(value);
}

/** A count of elements, then the elements, little-endian whatever machine wrote them. */
async function readStorage(
  source: ByteSource,
  at: number,
  claim: StorageClaim,
  storages: StorageLoader,
): Promise<number> {
  const end = at + 8 + claim.nbytes;
  if (!isSize(end) || end > source.size) {
    throw new RuntimeError(
      `unexpected EOF, expected ${end - source.size} more bytes. The file might be corrupted.`,
    );
  }
  const count = new DataView((await source.read(at, 8)).buffer).getBigInt64(0, true);
  if (count !== BigInt(claim.count)) {
    throw new RuntimeError(
      `storage has wrong byte size: expected ${claim.nbytes} got ${count * BigInt(claim.dtype.itemsize)}`,
    );
  }
  storages.put(claim, await source.read(at + 8, claim.nbytes));
  return end;
}
