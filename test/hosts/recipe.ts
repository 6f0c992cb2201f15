/** The recipes of the docs as they stand there, and a browser to look at what comes of them. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import type { Browser } from 'playwright-core';
import { expect } from 'vitest';
import { findChromium, launch } from '../support/browser.js';
import type { Project } from './project.js';

const pages = ['bundlers', 'frameworks', 'runtimes'].map((name) =>
  readFileSync(new URL(`../../docs/${name}.md`, import.meta.url), 'utf8'),
);

/** A section's part of its page. */
function body(section: string): string {
  const head = `\n## ${section}\n`;
  const text = pages.find((page) => page.includes(head));
  if (text === undefined) throw new Error(`the docs have no section ${section}`);
  const start = text.indexOf(head);
  const end = text.indexOf('\n## ', start + 1);
  return text.slice(start, end < 0 ? undefined : end);
}

/** A section's files: blocks that begin with a comment of their name. */
export function files(section: string): [name: string, source: string][] {
  const blocks = [...body(section).matchAll(/^```\w+\n(?:\/\/ (\S+)|<!-- (\S+) -->)\n(.*?)^```$/gms)];
  expect(blocks.length).toBeGreaterThan(0);
  return blocks.map(([, script, markup, source]) => [script ?? markup, source]);
}

/** The part of package.json that a section gives. */
export function manifest(section: string): object {
  const [, json] = /^```json\n(.*?)^```$/ms.exec(body(section))!;
  return JSON.parse(json) as object;
}

/** A program of this folder's. */
export function program(name: string): string {
  return readFileSync(new URL(name, import.meta.url), 'utf8');
}

/** The rows of the table of runtimes, as `abilities` tells them. */
export function abilitiesOf(runtime: string): Record<string, string>[] {
  const rows = pages
    .flatMap((page) => page.match(/^\| .* \|$/gm) ?? [])
    .map((row) => row.split('|').map((cell) => cell.trim()));
  return rows
    .filter(([, name]) => name === runtime)
    .map(([, , engine, tensors, training, files, workers]) => ({
      engine,
      tensors,
      training,
      files,
      workers,
    }));
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
  const server: ChildProcess = spawn(project.program(tool), args(String(port)), {
    cwd: project.folder,
    env: project.environment(),
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const ended = once(server, 'exit');
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
    server.kill();
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
