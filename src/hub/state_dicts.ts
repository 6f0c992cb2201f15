/** Files of weights, downloaded once. */
import { host } from '../core/host.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import type { Progress } from '../io/download_progress.js';
import { load, type MapLocation } from '../io/index.js';
import type { StateDict } from '../nn/module_state.js';
import type { Checkpoints } from './checkpoints.js';
import { getDir } from './hub_folder.js';

declare module '../core/host.js' {
  interface Host {
    /** The folder of downloads, where there are folders. */
    cacheFolder?(): string;
    /** Keeps downloads in folders, where there are any. */
    checkpoints?(): Promise<Checkpoints>;
  }
}

async function checkpoints(): Promise<Checkpoints> {
  return host().checkpoints?.() ?? import('./checkpoint_cache.js');
}

const download = signature(
  'download_url_to_file(str url, str dst, str? hash_prefix=None, bool|Callable progress=True)',
);

/**
 * Downloads a file. It appears whole or not at all; with a hash, an attempt that broke off is gone on with.
 *
 * @param url where it is
 * @param dst the path that it gets
 * @param hashPrefix what its SHA-256 begins with
 * @param progress whether a bar is shown; or a function that is told how many bytes there are, of how many
 */
export async function downloadUrlToFile(
  ...args: Arguments<typeof download, { progress?: Progress }>
): Promise<void> {
  const { url, dst, hashPrefix, progress } = download.bind(args);
  await (await checkpoints()).download(url, dst, hashPrefix, progress as Progress);
}

const fromUrl = signature(
  'load_state_dict_from_url(str url, str? model_dir=None, Any map_location=None, bool|Callable progress=True, bool check_hash=False, str? file_name=None, bool weights_only=True)',
);

/**
 * Loads weights from the network, which are downloaded unless they are in the folder already.
 *
 * @param url where they are
 * @param modelDir the folder in which they are kept: `checkpoints` in `getDir()` unless given
 * @param mapLocation where tensors go, as in `torch.load`
 * @param progress whether a bar is shown; or a function that is told how many bytes there are, of how many
 * @param checkHash whether the name ends with the begin of the SHA-256, `name-<sha256>.ext`, which is compared
 * @param fileName the name that the file gets, if not that of the address
 * @param weightsOnly whether objects of other classes are refused, as in `torch.load`
 */
export async function loadStateDictFromUrl(
  ...args: Arguments<typeof fromUrl, { mapLocation?: MapLocation | null; progress?: Progress }>
): Promise<StateDict> {
  const given = fromUrl.bind(args);
  const fileName = given.fileName ?? new URL(given.url).pathname.split('/').at(-1)!;
  const hashPrefix = given.checkHash ? (/-([a-f0-9]*)\./.exec(fileName)?.[1] ?? null) : null;
  const folder = given.modelDir ?? `${getDir()}/checkpoints`;
  const progress = given.progress as Progress;
  const checkpoint = { url: given.url, folder, fileName, hashPrefix, progress };
  const file = await (await checkpoints()).open(checkpoint);
  const mapLocation = given.mapLocation as MapLocation | null;
  return (await load(file, { mapLocation, weightsOnly: given.weightsOnly })) as StateDict;
}
