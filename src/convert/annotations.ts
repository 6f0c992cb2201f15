import type { Converter } from './converter.js';
import { classOf, pathOf } from './library_signatures.js';
import type { Expression } from './syntax.js';
import {
  bool,
  float,
  int,
  joined,
  listOf,
  none,
  objectOf,
  optional,
  str,
  type Type,
  tensor,
  tensorOf,
  unknown,
} from './type_rules.js';

const simple: Readonly<Record<string, Type>> = {
  int,
  float,
  bool,
  str,
  list: listOf(unknown),
};

/** The type that an annotation names. */
export function annotated(c: Converter, annotation: Expression): Type {
  switch (annotation.kind) {
    case 'none':
      return none;
    case 'name': {
      if (c.scope.find(annotation.id) === undefined && Object.hasOwn(simple, annotation.id))
        return simple[annotation.id];
      break;
    }
    case 'string': {
      const [text] = annotation.parts;
      if (typeof text === 'string' && Object.hasOwn(simple, text)) return simple[text];
      if (typeof text === 'string') return named(c, text);
      break;
    }
    case 'binary':
      if (annotation.operator === '|') {
        const parts = [annotation.left, annotation.right].map((part) => annotated(c, part));
        const others = parts.filter(({ k }) => k !== 'none');
        return others.length < 2 ? optional(others[0] ?? none) : joined(others);
      }
      break;
    case 'index':
      return generic(c, annotation);
    default:
  }
  const { type } = c.expression(annotation);
  if (type.k === 'class') return { k: 'instance', of: type.of };
  if (type.k === 'library') return libraryType(type.path);
  if (type.k === 'python') {
    const name = type.path.slice(type.path.lastIndexOf('.') + 1);
    if (Object.hasOwn(simple, name)) return simple[name];
    if (name === 'Callable') return { k: 'callable', returns: unknown };
  }
  return unknown;
}

function named(c: Converter, text: string): Type {
  const variable = c.scope.find(text);
  if (variable?.current.type.k === 'class') return { k: 'instance', of: variable.current.type.of };
  return text === 'torch.Tensor' ? tensor : unknown;
}

function libraryType(path: string): Type {
  if (path === 'Tensor') return tensor;
  if (path === 'device') return { k: 'device' };
  if (path === 'dtype') return { k: 'dtype' };
  if (path === 'nn.Parameter') return tensorOf('float');
  if (path === 'Size') return { k: 'list', of: int, isSize: true };
  return classOf(path) === undefined ? unknown : objectOf(pathOf(path));
}

function generic(c: Converter, { object, items }: Extract<Expression, { kind: 'index' }>): Type {
  const name = c.text(object).replace(/^.*\./, '').toLowerCase();
  const parts = items.map((item) =>
    item.kind === 'ellipsis' || item.kind === 'list' ? unknown : annotated(c, item),
  );
  const [first = unknown, second = unknown] = parts;
  switch (name) {
    case 'list':
    case 'sequence':
    case 'iterable':
      return listOf(first);
    case 'tuple':
      return items[1]?.kind === 'ellipsis' ? listOf(first) : { k: 'tuple', items: parts };
    case 'dict':
    case 'mapping':
      return { k: 'dict', key: first, value: second, isRecord: false };
    case 'set':
      return { k: 'set', of: first };
    case 'optional':
      return optional(first);
    case 'union': {
      const others = parts.filter(({ k }) => k !== 'none');
      return others.length < parts.length ? optional(joined(others)) : joined(others);
    }
    case 'callable':
      return { k: 'callable', returns: parts.at(-1) ?? unknown };
    case 'dataloader':
      return objectOf('utils.data.DataLoader', first);
    default:
      return unknown;
  }
}
