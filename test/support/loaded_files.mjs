// Tells which of the package's files a thread has loaded.
import { Session } from 'node:inspector';

const dist = new URL('../../dist/', import.meta.url).href;

/** The scripts of `dist/`, by their paths there. */
export function loadedFiles() {
  const found = new Set();
  const session = new Session();
  session.connect();
  session.on('Debugger.scriptParsed', ({ params: { url } }) => {
    const { href } = new URL(url, 'file:');
    if (href.startsWith(dist)) found.add(href.slice(dist.length));
  });
  session.post('Debugger.enable');
  session.disconnect();
  return [...found].sort();
}

/** A data set of one item: the files. */
export const loadedFilesSet = () => ({ length: 1, at: loadedFiles });
