/** `torch.hub`: files of weights from a server of this test's own. */
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import * as torch from '../src/index.js';
import * as torchvision from '../src/vision/index.js';

const { hub } = torch;
const { models } = torchvision;

let server: Server;
let base: string;
let folder: string;
/** What the server has, by path. */
const files = new Map<string, Uint8Array>();
/** Ranges that were asked for; null for whole files. */
const asked: (string | null)[] = [];
/** After how many bytes the server hangs up; null for never. */
let breaksAfter: number | null = null;

beforeAll(async () => {
  server = createServer((request, response) => {
    const bytes = files.get(request.url!);
    const { range } = request.headers;
    asked.push(range ?? null);
    if (bytes === undefined) {
      response.writeHead(404).end();
      return;
    }
    const start = range === undefined ? 0 : Number(/bytes=(\d+)-/.exec(range)![1]);
    const part = bytes.subarray(start);
    response.writeHead(range === undefined ? 200 : 206, { 'content-length': part.length });
    if (breaksAfter === null) response.end(part);
    // What has arrived when a connection breaks may be lost with it: most of the time it is read by then.
    else response.write(part.subarray(0, breaksAfter), () => setTimeout(() => response.destroy(), 100));
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
});
afterAll(() => server.close());

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'flambeau-hub-'));
  hub.setDir(folder);
  files.clear();
  asked.length = 0;
  breaksAfter = null;
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

/** Puts weights on the server under a name with their hash; their address. */
async function publish(state: object, hash?: string): Promise<string> {
  const bytes = await torch.save(state);
  const digest = hash ?? createHash('sha256').update(bytes).digest('hex').slice(0, 8);
  files.set(`/net-${digest}.pth`, bytes);
  return `${base}/net-${digest}.pth`;
}

const quiet = { progress: false, checkHash: true };

describe('getDir', () => {
  it('is what setDir was given', () => {
    expect(hub.getDir()).toBe(folder);
  });
});

describe('loadStateDictFromUrl', () => {
  it('downloads weights once', async () => {
    const url = await publish({ weight: torch.arange(3) });
    for (let i = 0; i < 2; i++) {
      const state = await hub.loadStateDictFromUrl(url, quiet);
      expect(state.weight.tolist()).toEqual([0, 1, 2]);
    }
    expect(asked).toEqual([null]);
    expect(existsSync(join(folder, 'checkpoints', url.split('/').at(-1)!))).toBe(true);
  });

  it('keeps them where it is told, under the name that it is told', async () => {
    const url = await publish({ weight: torch.ones(1) });
    await hub.loadStateDictFromUrl(url, {
      progress: false,
      modelDir: join(folder, 'own'),
      fileName: 'a.pth',
    });
    expect(existsSync(join(folder, 'own', 'a.pth'))).toBe(true);
  });

  it('refuses a file of another hash, and leaves nothing of it', async () => {
    const url = await publish({ weight: torch.ones(1) }, '0123abcd');
    await expect(hub.loadStateDictFromUrl(url, quiet)).rejects.toThrow(
      /^invalid hash value \(expected "0123abcd", got "[0-9a-f]{64}"\)$/,
    );
    const name = join(folder, 'checkpoints', url.split('/').at(-1)!);
    expect([existsSync(name), existsSync(`${name}.partial`)]).toEqual([false, false]);
  });

  it('goes on where an attempt broke off', async () => {
    const url = await publish({ weight: torch.arange(20000) });
    breaksAfter = 5000;
    const why = await hub.loadStateDictFromUrl(url, quiet).then(String, String);
    const [, received] = /broke off after (0|5000) bytes/.exec(why) ?? [];
    breaksAfter = null;
    const state = await hub.loadStateDictFromUrl(url, quiet);
    expect(state.weight.sum().item()).toBe(199990000);
    expect(asked).toEqual([null, received === '0' ? null : `bytes=${received}-`]);
  });

  it('begins anew where no hash could tell whether the rest belongs to it', async () => {
    const url = await publish({ weight: torch.arange(20000) });
    breaksAfter = 5000;
    await expect(hub.loadStateDictFromUrl(url, { progress: false })).rejects.toThrow(/broke off/);
    breaksAfter = null;
    await hub.loadStateDictFromUrl(url, { progress: false });
    expect(asked).toEqual([null, null]);
  });

  it('tells how far it is', async () => {
    const url = await publish({ weight: torch.arange(20000) });
    const told: [number, number | null][] = [];
    await hub.loadStateDictFromUrl(url, { progress: (received, total) => told.push([received, total]) });
    const size = files.get(new URL(url).pathname)!.length;
    expect(told.at(-1)).toEqual([size, size]);
  });

  it('says that a server has no such file', async () => {
    await expect(hub.loadStateDictFromUrl(`${base}/none.pth`, quiet)).rejects.toThrow(/HTTP 404/);
  });
});

describe('downloadUrlToFile', () => {
  it('puts a file in the place of another only when it is whole and right', async () => {
    files.set('/file', new TextEncoder().encode('new'));
    const dst = join(folder, 'file');
    writeFileSync(dst, 'old');
    await expect(hub.downloadUrlToFile(`${base}/file`, dst, '00', false)).rejects.toThrow(
      'invalid hash value',
    );
    expect(readFileSync(dst, 'utf8')).toBe('old');
    await hub.downloadUrlToFile(`${base}/file`, dst, { progress: false });
    expect(readFileSync(dst, 'utf8')).toBe('new');
  });
});

describe('A builder with weights', () => {
  it('gives a promise of the model with what the cache has', async () => {
    const entry = models.SqueezeNet1_1_Weights.DEFAULT;
    const net = models.squeezenet1_1();
    const name = new URL(entry.url).pathname.split('/').at(-1)!;

    mkdirSync(join(folder, 'checkpoints'));
    await torch.save(net.stateDict(), join(folder, 'checkpoints', name));
    const loaded = await models.squeezenet1_1({ weights: entry });
    expect(loaded).toBeInstanceOf(models.SqueezeNet);
    const key = 'classifier.1.weight';
    expect(torch.equal(loaded.stateDict()[key], net.stateDict()[key])).toBe(true);
  });
});
