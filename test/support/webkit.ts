/** WebKit, Safari's engine, in the small browser that its developers try it with; like Firefox it needs no driver. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { whileRunning } from './running.js';

/** MiniBrowser, where Debian's package `webkit2gtk-driver` puts it (WEBKIT names another), and the screen that it draws on; null if one is nowhere. */
export function findWebKit(): string | null {
  const folder = `/usr/lib/${process.arch === 'arm64' ? 'aarch64' : 'x86_64'}-linux-gnu`;
  const places = [
    process.env.WEBKIT,
    `${folder}/webkit2gtk-4.1/MiniBrowser`,
    `${folder}/webkit2gtk-4.0/MiniBrowser`,
  ];
  return (existsSync('/usr/bin/Xvfb') && places.find((place) => place && existsSync(place))) || null;
}

/** Opens an address in a WebKit of its own until `use` is done. */
export async function inWebKit<T>(program: string, url: string, use: () => Promise<T>): Promise<T> {
  const home = mkdtempSync(join(tmpdir(), 'flambeau-webkit-'));
  const screen = spawn(
    '/usr/bin/Xvfb',
    ['-displayfd', '3', '-screen', '0', '1280x800x24', '-nolisten', 'tcp'],
    {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
    },
  );
  const [number] = (await once(screen.stdio[3]!, 'data')) as [Buffer];
  const webkit: ChildProcess = spawn(program, ['--private', url], {
    stdio: 'ignore',
    env: {
      ...process.env,
      DISPLAY: `:${String(number).trim()}`,
      HOME: home,
      XDG_RUNTIME_DIR: home,
      // As Safari, which gives pages that are isolated shared memory.
      JSC_useSharedArrayBuffer: '1',
      // Nothing is drawn by a GPU, and nobody is asked over D-Bus.
      LIBGL_ALWAYS_SOFTWARE: '1',
      WEBKIT_DISABLE_COMPOSITING_MODE: '1',
      GIO_USE_VFS: 'local',
      NO_AT_BRIDGE: '1',
    },
  });
  try {
    return await whileRunning('WebKit', webkit, use);
  } finally {
    screen.kill();
    await once(screen, 'exit');
    rmSync(home, { recursive: true, force: true, maxRetries: 5 });
  }
}
