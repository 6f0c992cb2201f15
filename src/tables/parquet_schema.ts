/** Columns as Parquet's schemas describe them. */
import type { ColumnMetaData, SchemaElement, SchemaTree } from 'hyparquet/src/types.js';
import { bool, type DType, dtypeByName, float16, float32, float64, int32, int64 } from '../core/dtype.js';
import type { ColumnType } from './columns.js';
import type { ColumnShape } from './parquet_values.js';

function leafType({ type, converted_type: converted, logical_type: logical }: SchemaElement): ColumnType {
  if (converted === 'DECIMAL' || logical?.type === 'DECIMAL') return float64;
  if (logical?.type === 'FLOAT16') return float16;
  if (logical?.type === 'UUID') return 'str';
  if (converted === 'UTF8' || converted === 'JSON' || converted === 'ENUM' || logical?.type === 'STRING')
    return 'str';
  const sized =
    /^(U?INT)_(\d+)$/.exec(converted ?? '') ??
    (logical?.type === 'INTEGER' ? [null, logical.isSigned ? 'INT' : 'UINT', logical.bitWidth] : null);
  if (sized !== null) return dtypeByName(`${String(sized[1]).toLowerCase()}${sized[2]}`) as DType;
  const kinds: Readonly<Record<string, DType>> = {
    BOOLEAN: bool,
    INT32: int32,
    INT64: int64,
    INT96: int64,
    FLOAT: float32,
    DOUBLE: float64,
  };
  return kinds[type ?? ''] ?? 'other';
}

/** Tells the kind of values that a column becomes. */
export function typeOf({ element, children }: SchemaTree): ColumnType {
  if (children.length === 0) {
    const leaf = leafType(element);
    return element.repetition_type === 'REPEATED' ? { list: leaf } : leaf;
  }
  const isList = element.converted_type === 'LIST' && children.length === 1;
  if (!isList) return 'other';
  const [repeated] = children;
  // Lists of three levels, as writers make them, and of two, as they once did.
  if (repeated.children.length === 0) return { list: leafType(repeated.element) };
  if (repeated.children.length === 1 && repeated.children[0].children.length === 0)
    return { list: leafType(repeated.children[0].element) };
  return 'other';
}

/** @throws Error for a column that is not in the schema */
export function shapeOf(schema: SchemaTree, meta: ColumnMetaData, rows: number): ColumnShape {
  const { path_in_schema: path, type } = meta;
  let node: SchemaTree = schema;
  let maxDefinition = 0;
  let maxRepetition = 0;
  for (const name of path) {
    const child = node.children.find(({ element }) => element.name === name);
    if (child === undefined) throw new Error(`there is no column '${path.join('.')}'`);
    const { repetition_type: repetition } = child.element;
    if (repetition !== 'REQUIRED') maxDefinition++;
    if (repetition === 'REPEATED') maxRepetition++;
    node = child;
  }
  const { element, children } = node;
  if (children.length > 0 || element.type !== type || node === schema)
    throw new Error(`column '${path.join('.')}' is of another type`);
  const isDecimal = element.converted_type === 'DECIMAL' || element.logical_type?.type === 'DECIMAL';
  return { type, valueLength: element.type_length ?? 0, isDecimal, maxDefinition, maxRepetition, rows };
}
