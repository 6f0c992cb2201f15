/** `torch.utils.collectEnv`: where the library runs, for reports of faults. */
import * as webgpu from '../backends/webgpu/index.js';
import { host } from '../core/host.js';
import { signed } from '../core/signature/signed.js';

/** A host's description of itself. */
export interface SystemInfo {
  /** The library's version; null where nothing says it. */
  readonly version: string | null;
  /** The runtime of JavaScript, and its version. */
  readonly runtime: string;
  readonly os: string;
  readonly cpu: string;
  readonly memory: string;
}

declare module '../core/host.js' {
  interface Host {
    system(): SystemInfo;
  }
}

/** Facts of the environment, by what they are. */
export interface EnvInfo extends SystemInfo {
  /** The CPU's engine: native or WebAssembly, and the instructions that it is compiled for. */
  readonly engine: string;
  readonly threads: number;
  /** The GPU; null unless `torch.webgpu.init()` has found one. */
  readonly webgpu: string | null;
}

/** Facts of the environment. */
export const getEnvInfo = signed('get_env_info()', (): EnvInfo => {
  const engine = host().engine();
  return {
    ...host().system(),
    engine: `${engine.kind === 'native' ? 'native' : 'WebAssembly'} (${engine.isa})`,
    threads: engine.threads(),
    webgpu: webgpu.isAvailable() ? webgpu.getDeviceName() : null,
  };
});

/** The facts as lines of text. */
export const getPrettyEnvInfo = signed('get_pretty_env_info()', (): string => {
  const info = getEnvInfo();
  return [
    `Flambeau version: ${info.version ?? 'unknown'}`,
    `Engine: ${info.engine}`,
    `Threads: ${info.threads}`,
    `Is WebGPU available: ${info.webgpu === null ? 'no' : `yes, ${info.webgpu}`}`,
    '',
    `Runtime: ${info.runtime}`,
    `OS: ${info.os}`,
    `CPU: ${info.cpu}`,
    `Memory: ${info.memory}`,
  ].join('\n');
});

/** Prints what a report of a fault should say: `python -m torch.utils.collect_env`. */
export const main = signed('main()', (): void => {
  console.log('Collecting environment information...');
  console.log(getPrettyEnvInfo());
});
