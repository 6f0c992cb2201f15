import { host } from '../core/host.js';
import { signed } from '../core/signature/signed.js';

let folder: string | null = null;

/**
 * The folder in which downloads are kept: what `setDir` was given, else `$TORCH_HOME/hub`, where `TORCH_HOME` is `$XDG_CACHE_HOME/torch` or
 * `~/.cache/torch` unless it is set. In browsers it is the name of a cache.
 */
export const getDir = signed('get_dir()', (): string => folder ?? `${host().cacheFolder?.() ?? 'torch'}/hub`);

/** Keeps downloads in another folder. */
export const setDir = signed('set_dir(str d)', ({ d }): void => {
  folder = d;
});
