/** The recipes of docs/bundlers.md as they stand there, and a browser to look at what comes of them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { expect } from 'vitest';
import { findChromium, launch } from '../support/browser.js';
import { environment, type Project } from './project.js';

const text = readFileSync(new URL('../../docs/bundlers.md', import.meta.url), 'utf8');

/** A section's part of the page. */
function body(section: string): string {
  const start = text.indexOf(`\n## ${section}\n`);
  if (start < 0) throw new Error(`docs/bundlers.md has no section ${section}`);
  const end = text.indexOf('\n## ', start + 1);
  return text.slice(start, end < 0 ? undefined : end);
}

/** A section's files: blocks that begin with a comment of their name. */
export function files(section: string): [name: string, source: string][] {
  const blocks = [...body(section).matchAll(/^```[jt]sx?\n\/\/ (\S+)\n(.*?)^```$/gms)];
  expect(blocks.length).toBeGreaterThan(0);
  return blocks.map(([, name, source]) => [name, source]);
}

/** The part of package.json that a section gives. */
export function manifest(section: string): object {
  const [, json] = /^```json\n(.*?)^```$/ms.exec(body(section))!;
  return JSON.parse(json) as object;
}

export async function openBrowser(): Promise<Browser> {
  const executable = findChromium();
  if (executable === null) throw new Error('no Chromium was found');
  return launch(executable);
}

/** Opens a page, waits for what it is to show, and gives all that went wrong on the way. */
export async function look(browser: Browser, url: string, isReady: () => boolean): Promise<string[]> {
  const page = await browser.newPage();
  const faults: string[] = [];
  page.on('pageerror', (error) => faults.push(String(error)));
  page.on('console', (message) => {
    if (message.type() === 'error') faults.push(`${message.text()} (${message.location().url})`);
  });
  page.on(
    'response',
    (response) => response.status() >= 400 && faults.push(`${response.status()} ${response.url()}`),
  );
  try {
    await page.goto(url);
    await page
      .waitForFunction(isReady, undefined, { timeout: 60_000 })
      .catch((error) => faults.push(String(error)));
    // Not what no recipe has.
    return faults.filter((fault) => !fault.includes('favicon'));
  } finally {
    await page.close();
  }
}

/** Lets a tool of a project serve it at a port of its own until `use` is done. */
export async function serving<T>(
  project: Project,
  tool: string,
  args: (port: string) => string[],
  use: (url: string) => Promise<T>,
): Promise<T> {
  const port = await freePort();
  const program: ChildProcess = spawn(
    join(project.folder, 'node_modules', '.bin', tool),
    args(String(port)),
    {
      cwd: project.folder,
      env: environment(),
      stdio: ['ignore', 'ignore', 'inherit'],
    },
  );
  const ended = once(program, 'exit');
  try {
    const url = `http://localhost:${port}`;
    const answers = () =>
      fetch(url).then(
        () => true,
        () => false,
      );
    await expect.poll(answers, { timeout: 60_000 }).toBe(true);
    return await use(url);
  } finally {
    program.kill();
    await ended;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0);
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  server.close();
  return port;
}
