/** Which tensors of a state dict share memory: files of this format cannot say so. */
import { extent } from '../../core/elements.js';
import { RuntimeError } from '../../core/errors.js';
import type { Tensor } from '../../core/tensor.js';

type State = ReadonlyMap<string, Tensor>;

/** Groups of names whose tensors overlap; each has two or more. */
export function sharedNames(state: State): string[][] {
  const places = new Map<object, Map<number, string[]>>();
  for (const [name, { storage }] of state) {
    const memory = storage.place == null ? storage.host() : null;
    const place = storage.place ?? memory?.buffer;
    if (place === undefined || storage.nbytes === 0) continue;
    const offset = memory?.byteOffset ?? 0;
    const offsets = places.get(place) ?? new Map<number, string[]>();
    places.set(place, offsets);
    offsets.set(offset, [...(offsets.get(offset) ?? []), name]);
  }
  const groups = [...places.values()].flatMap((offsets) => [...offsets.values()]);
  return groups.flatMap((names) => overlapping(names, state)).filter((names) => names.length > 1);
}

/** Views of one storage that touch none of each other's elements are no problem. */
function overlapping(names: readonly string[], state: State): string[][] {
  const areas = names
    .map((name) => ({ name, area: bytesOf(state.get(name)!) }))
    .sort((a, b) => a.area[0] - b.area[0] || a.area[1] - b.area[1]);
  const groups: string[][] = [];
  let end = -1;
  for (const { name, area } of areas) {
    if (area[0] >= end) groups.push([name]);
    else groups.at(-1)!.push(name);
    end = Math.max(end, area[1]);
  }
  return groups.map((group) => group.sort());
}

function bytesOf(tensor: Tensor): [start: number, end: number] {
  const [low, high] = extent(tensor);
  return [low * tensor.dtype.itemsize, (high + 1) * tensor.dtype.itemsize];
}

/** For each name to keep, the others that are the same tensor under another name. */
export function duplicateNames(
  state: State,
  preferred: ReadonlySet<string> = new Set(),
): Map<string, string[]> {
  const result = new Map<string, string[]>();
  for (const names of sharedNames(state)) {
    const whole = names.filter((name) => isWhole(state.get(name)!)).sort();
    if (whole.length === 0) {
      throw new RuntimeError(
        'Error while trying to find names to remove to save state dict, but found no suitable name to keep for saving ' +
          `amongst: {${names.map((name) => `'${name}'`).join(', ')}}. None is covering the entire storage. Refusing to ` +
          'save/load the model since you could be storing much more memory than needed.',
      );
    }
    const kept = whole.find((name) => preferred.has(name)) ?? whole[0];
    result.set(kept, names.filter((name) => name !== kept).sort());
  }
  return result;
}

function isWhole(tensor: Tensor): boolean {
  return tensor.offset === 0 && tensor.nbytes === tensor.storage.nbytes;
}
