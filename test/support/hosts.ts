/** Two "hosts": network namespaces with addresses of their own, and a cable between them. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const names = [1, 2].map((i) => `fl${process.pid}n${i}`);
const network = `10.77.${process.pid % 256}`;

const ip = (...args: string[]): void => {
  execFileSync('ip', args, { stdio: 'ignore' });
};

export interface Hosts {
  /** What enters the first of them. */
  readonly enter: readonly string[];
  /** Flags of Open MPI's launcher for one rank on each. */
  readonly flags: readonly string[];
  remove(): void;
}

/** Makes them; null where this user may not. */
export function makeHosts(): Hosts | null {
  const folder = mkdtempSync(join(tmpdir(), 'flambeau-'));
  const remove = (): void => {
    for (const name of names)
      try {
        ip('netns', 'del', name);
      } catch {
        // It was not made.
      }
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    for (const name of names) ip('netns', 'add', name);
    ip('link', 'add', names[0], 'type', 'veth', 'peer', 'name', names[1]);
    for (const [i, name] of names.entries()) {
      ip('link', 'set', name, 'netns', name);
      ip('netns', 'exec', name, 'ip', 'addr', 'add', `${network}.${i + 1}/24`, 'dev', name);
      for (const device of [name, 'lo']) ip('netns', 'exec', name, 'ip', 'link', 'set', device, 'up');
    }
  } catch {
    remove();
    return null;
  }
  // In the place of ssh: the last number of an address says which one.
  const agent = join(folder, 'agent');
  const base = names[0].slice(0, -1);
  writeFileSync(agent, `#!/bin/bash\nhost=$1; shift\nexec ip netns exec ${base}\${host##*.} bash -c "$*"\n`);
  chmodSync(agent, 0o755);
  const only = `${network}.0/24`;
  return {
    enter: ['ip', 'netns', 'exec', names[0]],
    flags: [
      ['--mca', 'plm_rsh_agent', agent],
      ['--host', `${network}.1:1,${network}.2:1`],
      ['--mca', 'btl', 'self,tcp'],
      ['--mca', 'btl_tcp_if_include', only],
      ['--mca', 'oob_tcp_if_include', only],
    ].flat(),
    remove,
  };
}
