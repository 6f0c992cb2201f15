/** Files as tensors of their bytes. */
import { uint8 } from '../../core/dtype.js';
import { RuntimeError } from '../../core/errors.js';
import { host } from '../../core/host.js';
import { signed } from '../../core/signature/signed.js';
import { fromBytes, rawBytes } from '../../ops/from_data.js';
import { readSource } from './image_source.js';

/** The contents of a file as a uint8 tensor. In browsers `path` is a URL, which is fetched. */
export const readFile = signed('read_file(Path path)', async ({ path }) => {
  const { bytes } = await readSource(path);
  return fromBytes(bytes, uint8, [bytes.length]);
});

/** Writes a uint8 tensor's values as a file. */
export const writeFile = signed('write_file(Path filename, Tensor data)', async ({ filename, data }) => {
  if (data.device.type !== 'cpu') throw new RuntimeError('Input tensor should be on CPU');
  if (data.dtype !== uint8) throw new RuntimeError('Input tensor dtype should be uint8');
  if (data.ndim !== 1) throw new RuntimeError('Input data should be a 1-dimensional tensor');
  await host().files.write(filename, async (sink) => sink(rawBytes(data)));
});
