/** A server of files on this machine, and Chromium to look at them. */
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { extname, join, normalize } from 'node:path';
import { text } from 'node:stream/consumers';
import { type Browser, chromium } from 'playwright-core';

const types: Readonly<Record<string, string>> = {
  '.html': 'text/html',
  '.css': 'text/css',
  '.js': 'text/javascript',
  '.mjs': 'text/javascript',
  '.json': 'application/json',
  '.wasm': 'application/wasm',
  '.webmanifest': 'application/manifest+json',
  '.png': 'image/png',
  '.svg': 'image/svg+xml',
};

export interface Site {
  readonly url: string;
  close(): Promise<void>;
}

/** A page, with its headers where it has some of its own. */
export type ServedPage =
  | string
  | { readonly html: string; readonly headers: Readonly<Record<string, string>> };

/**
 * Serves folders by the first part of the path.
 * @param isolated whether pages are cross-origin isolated, so that they may share memory
 * @param hear takes what is posted to it, and gives the answer
 */
export async function serve(
  folders: Readonly<Record<string, string>>,
  pages: Readonly<Record<string, ServedPage>>,
  isolated: boolean,
  hear: (posted: string) => string = () => '',
): Promise<Site> {
  const server = createServer(async (request, response) => {
    if (request.method === 'POST') {
      response.end(hear(await text(request)));
      return;
    }
    const path = decodeURIComponent(new URL(request.url!, 'http://localhost').pathname);
    // Isolated pages of other origins may load what says so.
    response
      .setHeader('Access-Control-Allow-Origin', '*')
      .setHeader('Cross-Origin-Resource-Policy', 'cross-origin');
    if (isolated) {
      response.setHeader('Cross-Origin-Opener-Policy', 'same-origin');
      response.setHeader('Cross-Origin-Embedder-Policy', 'require-corp');
    }
    const page = pages[path];
    if (page !== undefined) {
      const { html, headers } = typeof page === 'string' ? { html: page, headers: {} } : page;
      for (const [name, value] of Object.entries(headers)) response.setHeader(name, value);
      response.setHeader('Content-Type', 'text/html').end(html);
      return;
    }
    const [, first, ...rest] = normalize(path).split('/');
    const file = join(folders[first] ?? '/nowhere', ...rest);
    if (!existsSync(file) || !statSync(file).isFile()) {
      response.writeHead(404).end();
      return;
    }
    response
      .setHeader('Content-Type', types[extname(file)] ?? 'application/octet-stream')
      .end(readFileSync(file));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://localhost:${port}`,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** Chromium's program: what CHROMIUM names, else where Debian and others put it; null if it is nowhere. */
export function findChromium(): string | null {
  const places = [
    process.env.CHROMIUM,
    '/usr/bin/chromium',
    '/usr/bin/chromium-browser',
    '/usr/bin/google-chrome',
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  ];
  return places.find((place) => place && existsSync(place)) ?? null;
}

export function launch(executablePath: string): Promise<Browser> {
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox',
      '--enable-unsafe-webgpu',
      // It has no business on the network.
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE localhost, EXCLUDE 127.0.0.1',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--no-first-run',
      // A camera that shows a moving picture, to pages that have been allowed one.
      '--use-fake-device-for-media-stream',
    ],
  });
}
