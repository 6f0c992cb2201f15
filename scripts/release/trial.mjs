// Installs packages as users do, in an empty project without a compiler, and lets them train a little.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const isWindows = process.platform === 'win32';

/** Says which engine runs, and numbers that PyTorch says, too. */
const program = `
import * as torch from 'flambeau';
torch.manualSeed(0);
const net = new torch.nn.Linear(2, 1);
const optimizer = new torch.optim.SGD(net.parameters(), { lr: 0.1 });
const x = torch.rand(8, 2);
for (let i = 0; i < 3; i++) {
  optimizer.zeroGrad();
  net.forward(x).pow(2).mean().backward();
  optimizer.step();
}
console.log(torch.backends.cpu.engine(), net.forward(x).sum().item().toFixed(4));
`;
/** PyTorch 2.13's sum. */
const sum = '-1.3924';

/**
 * @param {string[]} packages as npm takes them, with further arguments for it
 * @param {{ command: string[], env: Record<string, string> }} runner what the program is handed to
 * @returns what was installed, how long that took, and what the program said on both streams
 */
export function trial(packages, runner = { command: ['node'], env: {} }) {
  const folder = mkdtempSync(join(tmpdir(), 'flambeau-trial-'));
  const tools = mkdtempSync(join(tmpdir(), 'flambeau-path-'));
  try {
    writeFileSync(join(folder, 'package.json'), '{ "private": true, "type": "module" }');
    writeFileSync(join(folder, 'main.js'), program);
    // Node and npm, and nothing that compiles.
    const beside = dirname(process.execPath);
    const found = isWindows
      ? []
      : [...['node', 'npm'].map((name) => join(beside, name)), '/bin/sh', '/usr/bin/env'];
    for (const path of found) symlinkSync(path, join(tools, path.split('/').at(-1)));
    // Programs under Wine write to files, not to pipes.
    const said = join(folder, 'said.txt');
    const run = (command, env = {}) => {
      execFileSync(`${command.map((text) => `"${text}"`).join(' ')} > "${said}" 2>&1`, {
        cwd: folder,
        shell: isWindows ? true : '/bin/sh',
        env: { ...process.env, ...(!isWindows && { PATH: tools }), NODE_OPTIONS: '', ...env },
      });
      return readFileSync(said, 'utf8').trim();
    };
    const started = performance.now();
    run(['npm', 'install', '--no-audit', '--no-fund', ...packages]);
    const seconds = (performance.now() - started) / 1000;
    const lock = JSON.parse(readFileSync(join(folder, 'package-lock.json'), 'utf8'));
    const installed = Object.keys(lock.packages)
      .filter((path) => path !== '' && existsSync(join(folder, path, 'package.json')))
      .map((path) => path.slice('node_modules/'.length));
    return { installed, seconds, said: run([...runner.command, 'main.js'], runner.env) };
  } catch (error) {
    const said = join(folder, 'said.txt');
    throw new Error(`error: ${error.message}\n${existsSync(said) ? readFileSync(said, 'utf8') : ''}`, {
      cause: error,
    });
  } finally {
    for (const path of [folder, tools]) rmSync(path, { recursive: true, force: true });
  }
}

/** The line of a trial where an engine of a kind ran. @throws Error if another ran, or numbers are wrong */
export function check({ installed, seconds, said }, kind) {
  const line = said.split('\n').at(-1);
  if (line !== `${kind} ${sum}`)
    throw new Error(`error: '${kind} ${sum}' was expected of ${installed.join(', ')}, not:\n${said}`);
  return `${installed.join(', ')}: installed in ${seconds.toFixed(1)} s, runs ${kind}`;
}
