import type { Block } from './syntax.js';

/** Classes of exceptions that handlers of a program name; an empty name for those that take all. */
export function caughtNames(block: Block, found = new Set<string>()): Set<string> {
  for (const statement of block.statements) {
    switch (statement.kind) {
      case 'try':
        for (const { classes, body } of statement.handlers) {
          if (classes.length === 0) found.add('');
          for (const one of classes)
            found.add(one.kind === 'name' ? one.id : one.kind === 'attribute' ? one.name : '');
          caughtNames(body, found);
        }
        caughtNames(statement.body, found);
        if (statement.otherwise !== null) caughtNames(statement.otherwise, found);
        if (statement.last !== null) caughtNames(statement.last, found);
        break;
      case 'if':
      case 'for':
      case 'while':
        caughtNames(statement.body, found);
        if (statement.otherwise !== null) caughtNames(statement.otherwise, found);
        break;
      case 'with':
      case 'def':
      case 'class':
        caughtNames(statement.body, found);
        break;
      default:
    }
  }
  return found;
}
