/** Python's syntax, as far as conversions look at it. `at` and `end` are offsets into the source. */
export interface Place {
  readonly at: number;
  readonly end: number;
}

export interface Argument extends Place {
  readonly name: string | null;
  /** How many asterisks stand before it. */
  readonly stars: number;
  readonly value: Expression;
}

export interface Parameter extends Place {
  readonly name: string;
  readonly annotation: Expression | null;
  readonly fallback: Expression | null;
  readonly stars: number;
  /** Given by name only. */
  readonly isNamed: boolean;
}

export interface Clause {
  readonly target: Expression;
  readonly iterable: Expression;
  readonly conditions: readonly Expression[];
}

/** `{value!conversion:spec}` of a format string. */
export interface Replacement {
  readonly value: Expression;
  readonly conversion: string | null;
  readonly spec: readonly (string | Replacement)[] | null;
  /** The text of `{x=}`. */
  readonly label: string | null;
}

export type Expression = Place &
  (
    | { readonly kind: 'name'; readonly id: string }
    | { readonly kind: 'number'; readonly text: string }
    | {
        readonly kind: 'string';
        readonly parts: readonly (string | Replacement)[];
        readonly isBytes: boolean;
      }
    | { readonly kind: 'boolean'; readonly value: boolean }
    | { readonly kind: 'none' }
    | { readonly kind: 'ellipsis' }
    | {
        readonly kind: 'binary';
        readonly operator: string;
        readonly left: Expression;
        readonly right: Expression;
      }
    | { readonly kind: 'unary'; readonly operator: string; readonly operand: Expression }
    | {
        readonly kind: 'compare';
        readonly operators: readonly string[];
        readonly operands: readonly Expression[];
      }
    | {
        readonly kind: 'logical';
        readonly operator: 'and' | 'or';
        readonly left: Expression;
        readonly right: Expression;
      }
    | {
        readonly kind: 'conditional';
        readonly test: Expression;
        readonly yes: Expression;
        readonly no: Expression;
      }
    | { readonly kind: 'call'; readonly callee: Expression; readonly args: readonly Argument[] }
    | { readonly kind: 'attribute'; readonly object: Expression; readonly name: string }
    | {
        readonly kind: 'index';
        readonly object: Expression;
        readonly items: readonly Expression[];
        readonly isTuple: boolean;
      }
    | {
        readonly kind: 'slice';
        readonly start: Expression | null;
        readonly stop: Expression | null;
        readonly step: Expression | null;
      }
    | { readonly kind: 'list' | 'tuple' | 'set'; readonly items: readonly Expression[] }
    | {
        readonly kind: 'dict';
        readonly entries: readonly { readonly key: Expression | null; readonly value: Expression }[];
      }
    | {
        readonly kind: 'comprehension';
        readonly makes: 'list' | 'set' | 'dict' | 'generator';
        readonly key: Expression | null;
        readonly element: Expression;
        readonly clauses: readonly Clause[];
      }
    | { readonly kind: 'lambda'; readonly parameters: readonly Parameter[]; readonly body: Expression }
    | { readonly kind: 'star'; readonly value: Expression }
    | { readonly kind: 'walrus'; readonly target: Expression; readonly value: Expression }
    | { readonly kind: 'await'; readonly value: Expression }
    | { readonly kind: 'yield'; readonly value: Expression | null; readonly isFrom: boolean }
  );

/** An expression of one kind. */
export type Of<K extends Expression['kind']> = Extract<Expression, { kind: K }>;

export interface Block {
  readonly id: number;
  readonly statements: readonly Statement[];
}

export interface Handler extends Place {
  readonly classes: readonly Expression[];
  readonly name: string | null;
  readonly body: Block;
}

export interface Definition extends Place {
  readonly kind: 'def';
  readonly name: string;
  readonly parameters: readonly Parameter[];
  readonly returns: Expression | null;
  readonly body: Block;
  readonly decorators: readonly Expression[];
  readonly isAsync: boolean;
}

export interface ClassDefinition extends Place {
  readonly kind: 'class';
  readonly name: string;
  readonly bases: readonly Argument[];
  readonly body: Block;
  readonly decorators: readonly Expression[];
}

export type Statement =
  | Definition
  | ClassDefinition
  | (Place &
      (
        | { readonly kind: 'expression'; readonly value: Expression }
        | {
            readonly kind: 'assign';
            readonly targets: readonly Expression[];
            readonly annotation: Expression | null;
            readonly value: Expression | null;
          }
        | {
            readonly kind: 'update';
            readonly target: Expression;
            readonly operator: string;
            readonly value: Expression;
          }
        | {
            readonly kind: 'if';
            readonly test: Expression;
            readonly body: Block;
            readonly otherwise: Block | null;
          }
        | {
            readonly kind: 'for';
            readonly target: Expression;
            readonly iterable: Expression;
            readonly body: Block;
            readonly otherwise: Block | null;
          }
        | {
            readonly kind: 'while';
            readonly test: Expression;
            readonly body: Block;
            readonly otherwise: Block | null;
          }
        | { readonly kind: 'return'; readonly value: Expression | null }
        | {
            readonly kind: 'with';
            readonly items: readonly { readonly value: Expression; readonly target: Expression | null }[];
            readonly body: Block;
          }
        | {
            readonly kind: 'try';
            readonly body: Block;
            readonly handlers: readonly Handler[];
            readonly otherwise: Block | null;
            readonly last: Block | null;
          }
        | { readonly kind: 'raise'; readonly value: Expression | null }
        | { readonly kind: 'assert'; readonly test: Expression; readonly message: Expression | null }
        | {
            readonly kind: 'import';
            readonly module: string | null;
            readonly names: readonly { readonly name: string; readonly as: string | null }[];
          }
        | { readonly kind: 'scope'; readonly isGlobal: boolean; readonly names: readonly string[] }
        | { readonly kind: 'delete'; readonly targets: readonly Expression[] }
        | { readonly kind: 'pass' | 'break' | 'continue' }
        | { readonly kind: 'refused'; readonly what: string }
      ));

/** A statement of one kind. */
export type StatementOf<K extends Statement['kind']> = Extract<Statement, { kind: K }>;
