import { assignment, update } from './assignments.js';
import { attribute } from './attribute_access.js';
import { call } from './call_expressions.js';
import { caughtNames } from './caught_names.js';
import { classDefinition } from './class_definitions.js';
import { compare } from './comparisons.js';
import { comprehension } from './comprehensions.js';
import { conditional, logical } from './condition_code.js';
import { Converter, type Rules } from './converter.js';
import type { Conversion } from './diagnostic.js';
import { definition, lambda } from './function_definitions.js';
import { imported } from './import_statements.js';
import { index } from './index_expressions.js';
import {
  awaited,
  booleanLiteral,
  dict,
  ellipsis,
  list,
  name,
  noneLiteral,
  numberLiteral,
  set,
  star,
  tuple,
} from './literals.js';
import { forLoop, whileLoop } from './loop_statements.js';
import { mixinNames } from './mixin_classes.js';
import { type Declared, Scope, type Variable } from './name_scope.js';
import { Occurrences } from './occurrences.js';
import { binary, unary } from './operator_expressions.js';
import { together, whole } from './own_modules.js';
import { SyntaxFault } from './parse_expressions.js';
import { type Program, type PythonParser, parseProgram } from './parse_program.js';
import {
  asserted,
  conditionalStatement,
  deleted,
  expressionStatement,
  refused,
  returned,
  yielded,
} from './plain_statements.js';
import { string } from './printed_text.js';
import { header } from './program_header.js';
import { positionIn } from './source_positions.js';
import { block } from './statement_blocks.js';
import { isKnown } from './type_rules.js';
import { walrus } from './walrus.js';
import { attempt, raised, region } from './with_regions.js';

const rules: Rules = {
  expressions: {
    name,
    number: numberLiteral,
    string,
    boolean: booleanLiteral,
    none: noneLiteral,
    ellipsis,
    binary,
    unary,
    compare,
    logical,
    conditional,
    call,
    attribute,
    index,
    slice: (c, expression) => c.untyped(expression, 'undefined', 'A slice stands within an index only.'),
    list,
    tuple,
    set,
    dict,
    comprehension,
    lambda,
    star,
    walrus,
    await: awaited,
    yield: yielded,
  },
  statements: {
    expression: expressionStatement,
    assign: assignment,
    update,
    if: conditionalStatement,
    for: forLoop,
    while: whileLoop,
    return: returned,
    with: region,
    try: attempt,
    raise: raised,
    assert: asserted,
    import: imported,
    scope: () => '',
    delete: deleted,
    pass: () => '',
    break: () => 'break;',
    continue: () => 'continue;',
    def: definition,
    class: classDefinition,
    refused,
  },
  block: (c, own) => block(c, own, own),
};

/** How often a program is walked at most until its types are known. */
const walks = 12;

/** Converts a program. */
export function convertProgram(
  main: string,
  parser: PythonParser,
  modules: Readonly<Record<string, string>> = {},
): Conversion {
  const { source, parts } = together(main, modules);
  let program: Program;
  try {
    program = parseProgram(source, parser);
  } catch (error) {
    if (!(error instanceof SyntaxFault)) throw error;
    return {
      code: '',
      diagnostics: [{ ...positionIn(source, parts, error.at), message: error.message, severity: 'error' }],
    };
  }
  const all = whole(program, parts);
  program = all.program;
  const c = new Converter(source, program.comments, rules, parts);
  c.moduleAliases = all.aliases;
  c.caught = caughtNames(program.body);
  c.mixins = mixinNames(program.body, source);
  for (const isLate of [false, true]) {
    c.late = isLate;
    for (let i = 0; i < walks; i++) {
      walk(c, program);
      if (!c.changed) break;
    }
  }
  for (const scope of c.scopes) for (const variable of scope.all()) nameVersions(c, variable);
  c.isFinal = true;
  for (const clash of all.clashes)
    c.error(
      clash,
      `'${clash.name}' is something else in another file of the program: give them different names.`,
    );
  const body = walk(c, program);
  const rest = c.comments.map(({ text }) => `//${text.trimEnd()}`);
  const sections = [header(c), [body, ...rest].filter((part) => part !== '').join('\n')];
  const code = sections.filter((part) => part !== '').join('\n\n');
  const diagnostics = c.diagnostics.sort((a, b) => a.line - b.line || a.column - b.column);
  return { code: code === '' ? '' : `${code}\n`, diagnostics };
}

function walk(c: Converter, { body }: Program): string {
  c.changed = false;
  if (!c.isFinal) for (const version of c.memory.values()) version.writes = 0;
  c.scopes = [];
  c.scope = new Scope(c, '', null, new Occurrences(body));
  return c.block(body);
}

/** Versions of one type share a name; another type has another one. */
function nameVersions(c: Converter, variable: Variable): void {
  if (variable.placement === null) return;
  let last: { declared: Declared; text: string } | null = null;
  for (const [i, version] of variable.versions.entries()) {
    const text = isKnown(version.type) ? c.typeText(version.type) : '';
    if (last !== null && (text === last.text || text === '')) {
      version.declared = last.declared;
      version.isFirst = false;
      last.declared.writes += version.writes;
      continue;
    }
    const own = c.names.of(variable.name);
    version.declared ??= {
      name: i === 0 ? own : c.names.fresh(`${own}${i + 1}`),
      writes: version.writes,
      isParameter: false,
    };
    last = { declared: version.declared, text };
  }
}
