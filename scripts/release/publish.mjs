// Publishes packages as they were made and tried: the tarballs that a dry run left, held against their checksums.
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const sums = 'SHA256SUMS';
const digest = (kind, path, form) => createHash(kind).update(readFileSync(path)).digest(form);

/** The tarballs of a folder. Platforms come first: whoever installs the library meanwhile shall find its engine. */
export function tarballsOf(folder) {
  const isLibrary = (name) => /^flambeau-\d/.test(name);
  return readdirSync(folder)
    .filter((name) => name.endsWith('.tgz'))
    .sort((a, b) => isLibrary(a) - isLibrary(b) || a.localeCompare(b));
}

/** Notes the tarballs' checksums in the form that `sha256sum -c` reads. */
export function writeChecksums(folder) {
  const lines = tarballsOf(folder).map((name) => `${digest('sha256', join(folder, name), 'hex')}  ${name}\n`);
  writeFileSync(join(folder, sums), lines.join(''));
}

/** @throws Error if a folder's tarballs are not those that were noted */
function verify(folder) {
  const noted = readFileSync(join(folder, sums), 'utf8').trim().split('\n').sort();
  const found = tarballsOf(folder).map((name) => `${digest('sha256', join(folder, name), 'hex')}  ${name}`);
  if (noted.join() !== found.sort().join())
    throw new Error(`error: the packages in ${folder} are not those of its ${sums}`);
}

/**
 * Publishes a folder's tarballs. What an interrupted call has published already is passed over.
 *
 * @param options npm's
 * @returns {string[]} the tarballs that were published
 * @throws Error if a package of this version is there with other contents
 */
export function publish(folder, ...options) {
  verify(folder);
  return tarballsOf(folder).filter((name) => {
    const path = join(folder, name);
    const there = published(manifestOf(path), options);
    const ours = `sha512-${digest('sha512', path, 'base64')}`;
    if (there === ours) return false;
    if (there !== '') throw new Error(`error: another package was published under the version of ${name}`);
    npm('publish', path, '--silent', ...options);
    return true;
  });
}

function manifestOf(tarball) {
  return JSON.parse(
    execFileSync('tar', ['-xzOf', tarball, 'package/package.json'], { encoding: 'utf8', maxBuffer: 1 << 26 }),
  );
}

/** The digest of what a registry has under this name and version; empty if nothing. */
function published({ name, version }, options) {
  try {
    return npm('view', `${name}@${version}`, 'dist.integrity', '--silent', ...options).trim();
  } catch {
    return '';
  }
}

function npm(...args) {
  return execFileSync('npm', args, {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    shell: process.platform === 'win32',
  });
}
