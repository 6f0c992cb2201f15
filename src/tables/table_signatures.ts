/** The parameters that readers of tables share. */
import { accepting, defineParameterType } from '../core/signature/parameter_types.js';
import type { TableSource } from './table_source.js';

declare module '../core/signature/argument_types.js' {
  interface ParameterTypes {
    TableFiles: TableSource | readonly TableSource[];
  }
}

const isFile = (value: unknown): boolean =>
  typeof value === 'string' ||
  value instanceof URL ||
  value instanceof Uint8Array ||
  value instanceof ArrayBuffer ||
  (typeof Blob !== 'undefined' && value instanceof Blob);

defineParameterType(
  'TableFiles',
  accepting(
    (value) => isFile(value) || (Array.isArray(value) && value.length > 0 && value.every(isFile)),
    'str, URL, Uint8Array, ArrayBuffer, Blob or a list of them',
  ),
);

/** The columns that are read, what stands for values that are not there, and what lists become. */
export const tableParameters =
  'str[]? columns=None, Any fill_null=None, bool pad_lists=False, float pad_value=0';
export const csvParameters =
  "str delimiter=',', str? quotechar='\"', str? comments=None, int skiprows=0, str[]? names=None, str[] missing_values=[\"\"], Dict? dtypes=None, str? encoding=None";
export const jsonlParameters = 'Dict? dtypes=None, str? encoding=None';
export const streamParameters = 'int? batch_size=None';
