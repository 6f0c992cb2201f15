/** Firefox, which is told what to open and tells by a request what came of it: it needs no driver. */
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { whileRunning } from './running.js';

/** Its program: what FIREFOX names, else where Debian and others put it; null if it is nowhere. */
export function findFirefox(): string | null {
  const places = [
    process.env.FIREFOX,
    '/usr/bin/firefox-esr',
    '/usr/bin/firefox',
    '/Applications/Firefox.app/Contents/MacOS/firefox',
  ];
  return places.find((place) => place && existsSync(place)) ?? null;
}

/** It has no business on the network, and nothing to ask anybody. */
const preferences = {
  'app.normandy.enabled': false,
  'app.update.disabledForTesting': true,
  'browser.shell.checkDefaultBrowser': false,
  'browser.startup.homepage_override.mstone': 'ignore',
  'browser.newtabpage.enabled': false,
  'datareporting.policy.dataSubmissionEnabled': false,
  'dom.max_script_run_time': 0,
  'extensions.systemAddon.update.enabled': false,
  'network.captive-portal-service.enabled': false,
  'network.connectivity-service.enabled': false,
  'toolkit.telemetry.enabled': false,
};

/** Opens an address in a Firefox of its own until `use` is done. */
export async function inFirefox<T>(program: string, url: string, use: () => Promise<T>): Promise<T> {
  const profile = mkdtempSync(join(tmpdir(), 'flambeau-firefox-'));
  const lines = Object.entries(preferences).map(
    ([name, value]) => `user_pref(${JSON.stringify(name)}, ${JSON.stringify(value)});`,
  );
  writeFileSync(join(profile, 'user.js'), lines.join('\n'));
  const args = ['--headless', '--no-remote', '--profile', profile, url];
  const firefox: ChildProcess = spawn(program, args, {
    stdio: 'ignore',
    // As root, too, it must find a folder of its own.
    env: { ...process.env, HOME: profile, MOZ_CRASHREPORTER_DISABLE: '1' },
  });
  try {
    return await whileRunning('Firefox', firefox, use);
  } finally {
    rmSync(profile, { recursive: true, force: true });
  }
}
