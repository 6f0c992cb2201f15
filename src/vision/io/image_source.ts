/** Where image files come from. */
import { accepting, defineParameterType } from '../../core/signature/parameter_types.js';
import type { Bytes } from '../../io/bytes.js';
import { openSource, type Readable } from '../../io/source.js';

/** An image file: its path or URL, its bytes, or a Blob, such as a File. */
export type ImageSource = Readable;

declare module '../../core/signature/argument_types.js' {
  interface ParameterTypes {
    ImageSource: ImageSource;
    Path: string | URL;
  }
}
const isPath = (value: unknown) => typeof value === 'string' || value instanceof URL;
defineParameterType(
  'ImageSource',
  accepting(
    (value) =>
      isPath(value) ||
      value instanceof Uint8Array ||
      value instanceof ArrayBuffer ||
      (typeof Blob !== 'undefined' && value instanceof Blob),
    'str, URL, Uint8Array, ArrayBuffer or Blob',
  ),
);
defineParameterType('Path', accepting(isPath, 'str or URL'));

/** A file's bytes, and its name for error texts. */
export async function readSource(from: ImageSource): Promise<{ bytes: Bytes; name: string }> {
  const source = await openSource(from);
  try {
    return { bytes: await source.read(0, source.size), name: source.name };
  } finally {
    await source.close();
  }
}
