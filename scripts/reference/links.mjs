// Looks whether every link of the built pages leads somewhere, and whether anything is loaded from another host.
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, posix, relative } from 'node:path';

/** What was looked at, as a line. @throws Error that names every link that leads nowhere */
export function checkLinks(folder, base) {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => name.endsWith('.html') && !name.startsWith('play'),
  );
  const ids = new Map();
  const idsOf = (file) => {
    if (!ids.has(file))
      ids.set(
        file,
        new Set([...readFileSync(file, 'utf8').matchAll(/\sid="([^"]*)"/g)].map(([, id]) => decode(id))),
      );
    return ids.get(file);
  };
  const dead = [];
  let links = 0;
  for (const name of files) {
    const text = readFileSync(join(folder, name), 'utf8');
    for (const [, tag, attribute, raw] of text.matchAll(/<(\w+)\b[^>]*?\s(href|src)="([^"]*)"/g)) {
      const address = decode(raw);
      if (/^(?:data|mailto):/.test(address)) continue;
      if (/^(?:https?:)?\/\//.test(address)) {
        if (tag !== 'a') dead.push(`${name}: <${tag} ${attribute}> is loaded from ${address}`);
        continue;
      }
      links++;
      const [place, id] = address.split('#');
      const path =
        place === ''
          ? name
          : place.startsWith('/')
            ? place.startsWith(base)
              ? place.slice(base.length)
              : null
            : posix.join(dirname(name), place);
      const file = path === null ? undefined : found(folder, decodeURI(path));
      if (file === undefined) dead.push(`${name}: ${address} leads nowhere`);
      else if (
        id &&
        file.endsWith('.html') &&
        !relative(folder, file).startsWith('play') &&
        !idsOf(file).has(decodeURIComponent(id))
      )
        dead.push(`${name}: ${address} names no place there`);
    }
  }
  if (dead.length > 0)
    throw new Error(`${dead.length} dead links:\n${[...new Set(dead)].slice(0, 60).join('\n')}`);
  return `${files.length} pages, ${links} links, none of them dead.`;
}

const decode = (text) => text.replaceAll('&amp;', '&').replaceAll('&quot;', '"').replaceAll('&#39;', "'");

function found(folder, path) {
  const plain = join(folder, path.replace(/\?.*$/, ''));
  return [plain, `${plain}.html`, join(plain, 'index.html')].find(
    (file) => existsSync(file) && statSync(file).isFile(),
  );
}
