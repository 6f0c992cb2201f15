/** `numpy.loadtxt`, `genfromtxt` and `savetxt`: numbers in text files. What they do is imported when it is asked for. */
import { type Arguments, signature } from '../../core/signature/signature.js';
import type { Tensor } from '../../core/tensor.js';
import { asTensor, type TensorData } from '../../ops/from_data.js';
import type { Writable } from '../sink.js';
import type { TextSource } from '../text/text_lines.js';
import type { ByColumn, GenFromTextOptions } from './text/genfromtxt.js';
import type { FieldDelimiter } from './text/line_splitter.js';
import type { Converter, Converters, LoadTextOptions } from './text/loadtxt.js';
import type { SaveTextOptions } from './text/savetxt.js';
import type { Loaded, TextArray, TextDType, TextElement } from './text/text_dtype.js';

export type {
  ByColumn,
  Converter,
  Converters,
  FieldDelimiter,
  Loaded,
  TextArray,
  TextDType,
  TextElement,
  TextSource,
};

const loadSignature = signature(
  "loadtxt(Any fname, Any dtype='float', Any comments='#', Any delimiter=None, Any converters=None, Any skiprows=0, Any usecols=None, bool unpack=False, Any ndmin=0, str? encoding=None, Any max_rows=None, *, Any quotechar=None)",
);
const genSignature = signature(
  "genfromtxt(Any fname, Any dtype='float', str? comments='#', Any delimiter=None, int skip_header=0, int skip_footer=0, Any converters=None, Any missing_values=None, Any filling_values=None, Any usecols=None, Any names=None, str[]? excludelist=None, str? deletechars=None, str replace_space='_', bool autostrip=False, bool|str case_sensitive=True, str defaultfmt='f%i', bool? unpack=None, bool usemask=False, bool loose=True, bool invalid_raise=True, int? max_rows=None, str? encoding=None, *, Any ndmin=0)",
);
const saveSignature = signature(
  "savetxt(Any fname, Any X, Any fmt='%.18e', str? delimiter=None, str? newline=None, str header='', str footer='', str? comments=None, str? encoding=None)",
);

/**
 * Loads numbers from text: every row has as many values. Files packed by gzip are unpacked.
 *
 * @param fname a path or URL, bytes, a Blob; or a list of lines
 * @param dtype of the tensor: `'str'` gives strings; an object of them, by the columns' names, gives an object of columns, each with one dimension
 * @param comments the character that begins a comment, or texts that do; null for none
 * @param delimiter the character between values; null for white space
 * @param converters makes values of fields' texts: a function for all columns, or by columns' numbers
 * @param skiprows how many lines are passed over first
 * @param usecols the number of a column, or several; negative ones count from the end
 * @param unpack whether the result is transposed, for `const [x, y] = …`; of an object of columns it gives their list
 * @param ndmin the least number of dimensions: those of one element are left out otherwise
 * @param encoding of the text; null: UTF-8
 * @param maxRows how many rows are read at most; empty lines and comments do not count
 * @param quotechar the character around fields that hold delimiters, comments or ends of lines; null for none
 * @throws ValueError if a field is no number, or rows are of different lengths
 * @example
 * const [x, y] = await torch.numpy.loadtxt('points.csv', { delimiter: ',', unpack: true });
 */
export async function loadtxt<const D extends TextDType = 'float'>(
  ...args: Arguments<
    typeof loadSignature,
    {
      fname: TextSource;
      dtype: D;
      comments: string | readonly string[] | null;
      delimiter: string | null;
      converters: Converters | null;
      skiprows: number;
      usecols: number | readonly number[] | null;
      ndmin: 0 | 1 | 2;
      maxRows: number | null;
      quotechar: string | null;
    }
  >
): Promise<Loaded<D>> {
  const options = loadSignature.bind(args) as unknown as LoadTextOptions;
  return (await (await import('./text/index.js')).loadText(options)) as Loaded<D>;
}

/** The result of `genfromtxt`: an object of columns where the file, or the caller, names them. */
export type Generated<D, N> = N extends null | false
  ? D extends null | readonly unknown[]
    ? Tensor | TextArray | Record<string, Tensor | string[]>
    : Loaded<D>
  : Record<string, Tensor | string[]>;

/**
 * Loads a table from text, of which values may be missing.
 *
 * @param fname a path or URL, bytes, a Blob; or a list of lines
 * @param dtype of the tensor; several, in a list or by the columns' names, for columns of different types; null finds each column's
 * @param comments what begins a comment; null for none
 * @param delimiter what stands between fields; null for white space; a number, or a list of them, for fields of fixed widths
 * @param skipHeader how many lines are passed over at the beginning
 * @param skipFooter how many rows are left out at the end
 * @param converters makes values of fields' texts, by columns' numbers or names
 * @param missingValues texts that mean that there is no value, for all columns, in a list, or by column
 * @param fillingValues what stands where there is none: for all columns, in a list, or by column. Otherwise that is NaN, -1, false or `'???'`
 * @param usecols the numbers or names of the columns that are read
 * @param names the columns' names; true takes them from the first line
 * @param excludelist names that get an underscore behind them
 * @param deletechars the characters that names lose; null for those that are in no name of Python's
 * @param replaceSpace what takes the place of spaces in names
 * @param autostrip whether fields lose the white space around them
 * @param caseSensitive whether names stay as they are; false or `'upper'` for upper case, `'lower'` for lower case
 * @param defaultfmt names columns that have no name
 * @param unpack whether the result is transposed; of an object of columns it gives their list
 * @param usemask must be false: masked arrays do not exist here
 * @param loose whether text that is no value counts as missing
 * @param invalidRaise whether rows of another length are an error, instead of being left out with a warning
 * @param maxRows how many rows are read at most; null for all
 * @param encoding of the text; null: UTF-8
 * @param ndmin the least number of dimensions
 * @example
 * const table = await torch.numpy.genfromtxt('iris.csv', { delimiter: ',', names: true, dtype: null });
 * table.petal_width; // a tensor
 */
export async function genfromtxt<
  const D extends TextDType | readonly TextElement[] | null = 'float',
  const N extends boolean | string | readonly string[] | null = null,
>(
  ...args: Arguments<
    typeof genSignature,
    {
      fname: TextSource;
      dtype: D;
      delimiter: FieldDelimiter;
      converters: Readonly<Record<string, Converter>> | null;
      missingValues: ByColumn<string | number> | null;
      fillingValues: ByColumn<unknown> | null;
      usecols: string | number | readonly (string | number)[] | null;
      names: N;
      ndmin: 0 | 1 | 2;
    }
  >
): Promise<Generated<D, N>> {
  const options = genSignature.bind(args) as unknown as GenFromTextOptions;
  return (await (await import('./text/index.js')).genFromText(options)) as Generated<D, N>;
}

/**
 * Saves a vector or a matrix as text, a row in each line. A path that ends with `.gz` is packed by gzip.
 *
 * @param fname a path or URL, or what can be written to
 * @param X the values
 * @param fmt Python's format of a value, of a row, or a list of those of the columns
 * @param delimiter what stands between values; null for a space
 * @param newline what ends a row; null for `'\n'`
 * @param header a text before the rows, as a comment
 * @param footer a text behind them
 * @param comments what begins the lines of both; null for `'# '`
 * @param encoding `'utf-8'`, `'latin1'` or `'ascii'`; null: UTF-8
 * @example
 * await torch.numpy.savetxt('x.csv', torch.rand(3, 2), { fmt: '%.4f', delimiter: ',' });
 */
export async function savetxt(
  ...args: Arguments<
    typeof saveSignature,
    { fname: Writable; X: TensorData; fmt: string | readonly string[] }
  >
): Promise<void> {
  const { X, delimiter, comments, newline, ...options } = saveSignature.bind(args);
  // Defaults in signatures hold no white space.
  const all = {
    ...options,
    delimiter: delimiter ?? ' ',
    comments: comments ?? '# ',
    newline: newline ?? '\n',
  };
  await (await import('./text/index.js')).saveText(
    asTensor(X as TensorData),
    all as unknown as SaveTextOptions,
  );
}
