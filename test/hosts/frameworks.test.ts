/** Recipes of docs/frameworks.md, but Next's: run when one is named, or all is asked for (`npm run test:hosts -- sveltekit`). */
import { mkdtempSync, renameSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { isAskedFor, Project } from './project.js';
import { files, look, openBrowser, serving } from './recipe.js';

interface Framework {
  readonly section: string;
  readonly packages: readonly string[];
  readonly build: readonly [tool: string, ...args: string[]];
  /** A program and its arguments, `PORT` for the port. */
  readonly start: readonly string[];
  /** The part of the build that runs wherever it is put. */
  readonly output?: string;
}

const react = '8.4.0';
const all: readonly Framework[] = [
  {
    section: 'SvelteKit',
    packages: [
      '@sveltejs/kit@2',
      '@sveltejs/adapter-node@5',
      'svelte@5',
      'vite@8',
      '@sveltejs/vite-plugin-svelte@7',
    ],
    build: ['vite', 'build'],
    start: ['env', 'PORT=PORT', 'node', 'build'],
  },
  {
    section: 'Nuxt',
    packages: ['nuxt@4'],
    build: ['nuxt', 'build'],
    output: '.output',
    start: ['env', 'PORT=PORT', 'node', 'MOVED/server/index.mjs'],
  },
  {
    section: 'Astro',
    packages: ['astro@6', '@astrojs/node@10'],
    build: ['astro', 'build'],
    start: ['env', 'PORT=PORT', 'node', 'dist/server/entry.mjs'],
  },
  {
    section: 'React Router',
    packages: [
      ...['react-router', '@react-router/node', '@react-router/serve', '@react-router/dev'].map(
        (name) => `${name}@${react}`,
      ),
      ...['react@19', 'react-dom@19', 'vite@8', 'isbot@5'],
    ],
    build: ['react-router', 'build'],
    start: ['env', 'PORT=PORT', 'react-router-serve', './build/server/index.js'],
  },
];
const frameworks = all.filter(({ section }) => isAskedFor(section.toLowerCase().replace(' ', '-')));

describe.runIf(frameworks.length > 0)('frameworks', { timeout: 600_000 }, () => {
  let browser: Browser;
  beforeAll(async () => {
    browser = await openBrowser();
  }, 120_000);
  afterAll(() => browser?.close());

  it.each(frameworks)(
    '$section renders on the server and in the browser',
    async ({ section, packages, build: [tool, ...args], start, output }) => {
      // Their newest versions want a newer Node than the library does.
      const project = await Project.create(packages, { type: 'module' }, '24');
      const moved = mkdtempSync(join(tmpdir(), 'flambeau-moved-'));
      try {
        for (const [name, source] of files(section)) project.write(name, source);
        await project.tool(tool, ...args);
        if (output !== undefined) renameSync(join(project.folder, output), moved);
        const [program, ...rest] = start;
        const filled = (port: string) =>
          rest.map((arg) => arg.replace(/PORT$/, port).replace('MOVED', moved));
        await serving(project, program, filled, async (url) => {
          expect(await (await fetch(url)).text()).toMatch(/id="server">tensor\(2\.\)</);
          const isReady = () =>
            ['server', 'client'].every((id) => document.getElementById(id)?.textContent === 'tensor(2.)');
          expect(await look(browser, url, isReady)).toEqual([]);
        });
      } finally {
        project.remove();
        rmSync(moved, { recursive: true, force: true });
      }
    },
  );
});
