// One of the files of `dist/cjs/`.
import { dirname, posix } from 'node:path';
import { requireLazily } from './lazy-namespaces.mjs';

/** A letter that is written as an escape: V8 keeps a text in one byte a letter if it has no others, and reads it faster. */
const escaped = (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`;

/** What a chunk requires of other chunks: the constants' names by files. */
const REQUIRES = /^const (require_\w+) = require\("(\.[^"]+)"\);$/gm;
const GETTERS =
  /^Object\.defineProperty\(exports, "(\w+)", \{\n\tenumerable: true,\n\tget: function\(\) \{\n\t\treturn ([\w$]+);\n\t\}\n\}\);\n?/gm;

/** A chunk and what its text says. */
export class Chunk {
  constructor({ fileName, code, exports, isEntry }) {
    this.fileName = fileName;
    this.code = code;
    this.exports = exports;
    this.isEntry = isEntry;
    /** Constants that hold other chunks' exports, by those chunks' files. */
    this.requires = new Map(
      [...code.matchAll(REQUIRES)].map(([, name, path]) => [posix.join(dirname(fileName), path), name]),
    );
    /** What is exported and may change. */
    this.changing = new Set(
      [...code.matchAll(GETTERS)]
        .filter(([, , local]) => new RegExp(`^let ${local.replaceAll('$', '\\$')}\\b`, 'm').test(code))
        .map(([, name]) => name),
    );
  }

  /** Whether it has a file loaded before it runs. */
  needs(fileName, chunks, seen = new Set()) {
    for (const required of this.requires.keys()) {
      if (required === fileName) return true;
      if (seen.has(required)) continue;
      seen.add(required);
      if (chunks.get(required).needs(fileName, chunks, seen)) return true;
    }
    return false;
  }

  /** The text that is written: what a chunk has of others are its own constants, unless it may change, since a look into a large object of getters costs what a small op does. */
  text(chunks) {
    let { code } = this;
    for (const [fileName, object] of this.requires) {
      const chunk = chunks.get(fileName);
      if (chunk.needs(this.fileName, chunks) || this.isEntry) continue;
      const taken = new Map();
      code = code.replace(new RegExp(`\\b${object}\\.([\\w$]+)`, 'g'), (whole, name) => {
        if (chunk.changing.has(name)) return whole;
        const own = `${object.slice('require_'.length)}$${name}`;
        taken.set(name, own);
        return own;
      });
      const list = [...taken].map(([name, own]) => `${name}: ${own}`).join(', ');
      if (list !== '')
        code = code.replace(
          new RegExp(`^const ${object} = .*$`, 'm'),
          (line) => `${line}\nconst { ${list} } = ${object};`,
        );
    }
    const constants = [];
    code = code.replace(GETTERS, (whole, name, local) => {
      if (this.changing.has(name)) return whole;
      constants.push(name === local ? name : `${name}: ${local}`);
      return '';
    });
    if (constants.length > 0) code += `Object.assign(exports, { ${constants.join(', ')} });\n`;
    return requireLazily(code).replace(/[\u0080-\uffff]/g, escaped);
  }
}
