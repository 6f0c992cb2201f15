// Processes that are timed by turns.
import { execFileSync, spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

/** The version of PyTorch that a Python has; null without. */
export function torchOf(python) {
  try {
    const code = 'import torch; print(torch.__version__)';
    return execFileSync(python, ['-c', code], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim();
  } catch {
    return null;
  }
}

/** A process that answers each line of JSON with one. */
export class Contestant {
  #waiting = [];

  constructor(name, command, commandArgs, env = {}) {
    this.name = name;
    this.process = spawn(command, commandArgs, {
      stdio: ['pipe', 'pipe', 'inherit'],
      env: { ...process.env, ...env },
    });
    createInterface({ input: this.process.stdout }).on('line', (line) =>
      this.#waiting.shift()(JSON.parse(line)),
    );
    // A process that is killed, or never starts, fails its row.
    const end = (why) => {
      this.ended = why;
      for (const answer of this.#waiting.splice(0)) answer({ error: why });
    };
    this.process.on('error', (error) => end(error.message));
    this.process.on('exit', (code, signal) => end(`ended with ${signal ?? code}`));
    this.process.stdin.on('error', () => {});
  }

  ask(command, rest = {}) {
    if (this.ended !== undefined) return { error: this.ended };
    return new Promise((resolve) => {
      this.#waiting.push(resolve);
      this.process.stdin.write(`${JSON.stringify({ command, ...rest })}\n`);
    });
  }

  close() {
    this.process.stdin.end();
  }
}
