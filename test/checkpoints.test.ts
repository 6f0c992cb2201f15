import { readFileSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { inflateSync } from 'node:zlib';
import * as torch from 'flambeau';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { loaded } from './checkpoints/described.mjs';

interface Recorded {
  readonly name: string;
  readonly file: string;
  readonly options: { weightsOnly?: boolean; toDense?: boolean; stateDict?: boolean };
  readonly value: unknown;
}

/** Made by `checkpoints/checkpoints.py`, in Python. */
const recorded: Recorded[] = JSON.parse(
  readFileSync(new URL('golden/checkpoints.json.golden', import.meta.url), 'utf8'),
);
const bytesOf = (name: string) =>
  new Uint8Array(inflateSync(Buffer.from(recorded.find((one) => one.name === name)!.file, 'base64')));
const text = (content: string) => new TextEncoder().encode(content);
const { ForeignObject, addSafeGlobals, clearSafeGlobals, getSafeGlobals, safeGlobals } = torch.serialization;

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'flambeau-checkpoints-'));
});
afterAll(() => rm(folder, { recursive: true }));

describe('files that Python made', () => {
  for (const { name, options, value } of recorded)
    it(`hold what it put there: ${name}`, async () => {
      expect(await loaded(bytesOf(name), options)).toEqual(value);
    });

  it('are refused where they hold more than weights, with what to do', async () => {
    const refused: readonly (readonly [name: string, text: string])[] = [
      ['module/whole', 'GLOBAL ultralytics.nn.tasks.DetectionModel was not an allowed global by default'],
      ['layout/fairseq', '`weightsOnly: false`, which loads objects of other classes as stand-ins'],
      ['module/script', 'Cannot use ``weightsOnly: true`` with TorchScript archives'],
      ['pickle/floats/4', 'not a checkpoint of torch.save but a plain pickle of dict'],
      ['pickle/object/2', 'a plain pickle of __main__.Config: load it with `weightsOnly: false`'],
      ['quantized/tensor', 'ask for dense ones by `toDense: true`'],
      ['sparse/csc', 'ask for dense ones by `toDense: true`'],
    ];
    for (const [name, text] of refused) await expect(torch.load(bytesOf(name)), name).rejects.toThrow(text);
  });

  it('are refused where a sparse tensor says that its rows have more elements than there are', async () => {
    const file = bytesOf('sparse/csr');
    const ends = Buffer.from(new BigInt64Array([0n, 1n, 3n, 3n, 5n]).buffer);
    const at = Buffer.from(file).indexOf(ends);
    expect(at).toBeGreaterThan(0);
    new DataView(file.buffer).setBigInt64(at + 16, 2n ** 40n, true);
    await expect(torch.load(file, { weightsOnly: false, toDense: true })).rejects.toThrow(
      'a sparse tensor is described wrongly',
    );
  });
});

describe('objects of classes that are not here', () => {
  it('are stand-ins that show what the file says of them', async () => {
    const { args, model } = (await torch.load(bytesOf('layout/fairseq'), { weightsOnly: false })) as Record<
      string,
      InstanceType<typeof ForeignObject>
    >;
    expect(args).toBeInstanceOf(ForeignObject);
    expect(String(args)).toBe('<argparse.Namespace object>');
    expect(args.attributes).toEqual({ arch: 'transformer', lr: [0.1] });
    expect(args.stateDict()).toEqual({});
    expect(Object.keys(model)[0]).toBe('layer.weight');
    const { hyper_parameters: settings } = (await torch.load(bytesOf('layout/lightning'), {
      weightsOnly: false,
    })) as Record<string, InstanceType<typeof ForeignObject>>;
    expect(settings.entries).toEqual({ lr: 0.1, layers: [1, 2] });
  });

  it('have the tensors of modules for modules of ours', async () => {
    const whole = (await torch.load(bytesOf('module/whole'), { weightsOnly: false })) as InstanceType<
      typeof ForeignObject
    >;
    const names = Object.keys(whole.stateDict());
    expect(names.filter((name) => name.startsWith('layer'))).toEqual([
      'layer.weight',
      'layer.bias',
      'layers.0.weight',
    ]);
    expect(names).not.toContain('passing');
    const net = new torch.nn.Linear(2, 3);
    const { 'layer.weight': weight, 'layer.bias': bias } = whole.stateDict();
    net.loadStateDict({ weight, bias });
    expect(net.weight.equal(weight)).toBe(true);
  });
});

describe('addSafeGlobals', () => {
  class Config {
    lr = 0;
    names: string[] = [];
    inner: Config | null = null;
  }

  it('has objects made by classes of the user’s', async () => {
    // A plain pickle of this class, in an archive.
    const file = bytesOf('pickle/object/2');
    const value = await safeGlobals([[Config, '__main__.Config']], async () => {
      expect(getSafeGlobals()).toHaveLength(1);
      return (await torch.load(file, { weightsOnly: false })) as Config;
    });
    expect(getSafeGlobals()).toEqual([]);
    expect(value).toBeInstanceOf(Config);
    expect([value.lr, value.names, value.inner instanceof Config]).toEqual([0.5, ['a'], true]);
    addSafeGlobals([Config]);
    const again = (await torch.load(file, { weightsOnly: false })) as Config;
    expect(again.inner).toBeInstanceOf(Config);
    clearSafeGlobals();
    expect(await torch.load(file, { weightsOnly: false })).toBeInstanceOf(ForeignObject);
  });

  it('calls functions, and gives a class its state', async () => {
    const Namespace = class {
      state: unknown;
      __setstate__(state: unknown) {
        this.state = state;
      }
    };
    const read = (maker: never) =>
      safeGlobals([[maker, 'argparse.Namespace']], () => torch.load(bytesOf('layout/fairseq'))) as Promise<{
        args: InstanceType<typeof Namespace>;
      }>;
    expect((await read(Namespace as never)).args.state).toEqual({ arch: 'transformer', lr: [0.1] });
    const { args } = await read((() => ({ made: true })) as never);
    expect(args).toEqual({ made: true, arch: 'transformer', lr: [0.1] });
  });

  it('refuses what is no class', () => {
    expect(() => addSafeGlobals(Config as never)).toThrow('safe_globals must be a list');
    expect(() => addSafeGlobals([['x', 'a.b'] as never])).toThrow(
      'Expected first item in tuple to be a class',
    );
    expect(() => addSafeGlobals([[Config, 1] as never])).toThrow(
      'Expected second item in tuple to be str of callable full path',
    );
    expect(() => addSafeGlobals([[Config] as never])).toThrow('Expected tuple of length 2');
  });
});

describe('files that are something else', () => {
  const kinds: readonly (readonly [what: string, content: Uint8Array, text: string])[] = [
    [
      'a pointer of Git LFS',
      text('version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 12345\n'),
      'a pointer of Git LFS',
    ],
    ['a page', text('\n<!DOCTYPE html><html><head>'), 'an HTML page'],
    ['an HDF5 file', Uint8Array.of(0x89, 0x48, 0x44, 0x46, 13, 10, 26, 10), 'an HDF5 file'],
    ['JSON', text('{"error": "Repository not found"}'), 'text, it seems JSON'],
  ];
  for (const [what, content, message] of kinds)
    it(`are named: ${what}`, async () => {
      await expect(torch.load(content)).rejects.toThrow(message);
      await expect(torch.numpy.load(content)).rejects.toThrow(message);
      await expect(torch.safetensors.loadFile(content as never)).rejects.toThrow(message);
    });

  it('are named where another function reads them', async () => {
    const x = { x: torch.ones(2) };
    await expect(torch.load(torch.safetensors.save(x))).rejects.toThrow('use torch.safetensors.loadFile');
    const npz: Uint8Array[] = [];
    const sink = { write: (chunk: Uint8Array) => void npz.push(new Uint8Array(chunk)) };
    await torch.numpy.savez(sink as never, x);
    await expect(torch.load(new Uint8Array(Buffer.concat(npz)))).rejects.toThrow('use torch.numpy.load');
  });
});

describe('mmap', () => {
  it('leaves tensors in the file until they are looked at, and keeps changes to itself', async () => {
    const path = join(folder, 'large.pt');
    const x = torch.arange(2 ** 18).to(torch.float32);
    await torch.save({ x, part: x.index('1:3'), small: torch.ones(2) }, path);
    const {
      x: mapped,
      part,
      small,
    } = (await torch.load(path, { mmap: true })) as Record<string, torch.Tensor>;
    expect(mapped.equal(x)).toBe(true);
    expect([part.tolist(), small.tolist()]).toEqual([
      [1, 2],
      [1, 1],
    ]);
    mapped.mul_(2);
    expect(part.tolist()).toEqual([2, 4]);
    const again = (await torch.load(path, { mmap: true })) as Record<string, torch.Tensor>;
    expect(again.x.equal(x)).toBe(true);
  });

  it('refuses what is no file of the zip format', async () => {
    const bytes = await torch.save(torch.ones(1));
    await expect(torch.load(bytes, { mmap: true })).rejects.toThrow(
      'f must be a file path in order to use the mmap argument',
    );
    const path = join(folder, 'legacy.pt');
    await torch.save(torch.ones(1), path, { _useNewZipfileSerialization: false });
    await expect(torch.load(path, { mmap: true })).rejects.toThrow(
      'mmap can only be used with files saved with',
    );
  });
});

describe('checkpoints in several files', () => {
  it('are loaded by their index', async () => {
    const [a, b] = [torch.arange(3), torch.ones(2)];
    await torch.save({ a, unused: b }, join(folder, 'model-1.bin'));
    await torch.save({ b }, join(folder, 'model-2.bin'));
    await torch.safetensors.saveFile({ a }, join(folder, 'model-1.safetensors'));
    await torch.safetensors.saveFile({ b }, join(folder, 'model-2.safetensors'));
    const index = async (name: string, map: object) => {
      const path = join(folder, name);
      await writeFile(path, JSON.stringify({ metadata: { total_size: 1 }, weight_map: map }));
      return path;
    };
    const bin = await index('model.bin.index.json', { b: 'model-2.bin', a: 'model-1.bin' });
    const state = (await torch.load(bin)) as Record<string, torch.Tensor>;
    expect(Object.entries(state).map(([name, t]) => [name, t.tolist()])).toEqual([
      ['b', [1, 1]],
      ['a', [0, 1, 2]],
    ]);
    const path = await index('m.index.json', { a: 'model-1.safetensors', b: 'model-2.safetensors' });
    for (const from of [path, pathToFileURL(path)])
      expect(Object.keys(await torch.safetensors.loadFile(from))).toEqual(['a', 'b']);
    await expect(torch.load(await index('x.json', { c: 'model-1.bin' }))).rejects.toThrow(
      'model-1.bin lacks c',
    );
    await expect(torch.load(await index('y.json', { c: '../model-1.bin' }))).rejects.toThrow(
      'names a file that is not beside it: ../model-1.bin',
    );
    await expect(torch.load(await index('z.json', [] as never))).rejects.toThrow('JSON without a weight_map');
  });
});
