import { element } from './element.js';

/** A link that leaves a file to the user. */
export function downloadLink(name: string, bytes: Uint8Array<ArrayBuffer>): HTMLAnchorElement {
  const url = URL.createObjectURL(new Blob([bytes], { type: 'application/octet-stream' }));
  const size =
    bytes.length < 1e6 ? `${Math.ceil(bytes.length / 1e3)} KB` : `${(bytes.length / 1e6).toFixed(1)} MB`;
  return element('a', { class: 'download', href: url, download: name }, `Download ${name} (${size})`);
}
