// A registry on this machine that packages are published to and installed from, as they will be from the real one.
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  const { port } = server.address();
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/**
 * Starts verdaccio.
 *
 * @param tools where it is installed
 * @returns its address, npm's settings to use it by, and what ends it
 */
export async function startRegistry(tools) {
  const folder = mkdtempSync(join(tmpdir(), 'flambeau-registry-'));
  const port = await freePort();
  const address = `http://127.0.0.1:${port}/`;
  const config = join(folder, 'config.yaml');
  writeFileSync(
    config,
    `storage: ./storage
auth: { htpasswd: { file: ./htpasswd } }
packages: { '**': { access: $all, publish: $anonymous } }
max_body_size: 200mb
log: { type: stdout, format: json, level: error }
`,
  );
  // Anyone may publish, but npm asks that there be a name.
  const settings = join(folder, 'npmrc');
  writeFileSync(
    settings,
    `registry=${address}\n//127.0.0.1:${port}/:_authToken=anyone\nfund=false\naudit=false\n`,
  );
  const manifest = createRequire(join(tools, 'package.json')).resolve('verdaccio/package.json');
  const bin = createRequire(manifest)('./package.json').bin;
  const program = join(dirname(manifest), typeof bin === 'string' ? bin : bin.verdaccio);
  const child = spawn(process.execPath, [program, '--config', config, '--listen', `127.0.0.1:${port}`], {
    stdio: ['ignore', 'ignore', 'inherit'],
    cwd: folder,
  });
  const end = () => {
    child.kill();
    rmSync(folder, { recursive: true, force: true });
  };
  for (let tries = 0; ; tries++) {
    const isThere = await fetch(`${address}-/ping`).then(
      (response) => response.ok,
      () => false,
    );
    if (isThere) return { address, settings, end };
    if (child.exitCode !== null || tries === 300) {
      end();
      throw new Error('error: the registry does not start');
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
