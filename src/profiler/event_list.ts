/** Lists of calls or of sums, and their table. */
import { camelCase } from '../core/camel_case.js';
import { AttributeError } from '../core/errors.js';
import { inspect } from '../core/inspect.js';
import { type Arguments, signature } from '../core/signature/signature.js';
import { type FunctionEvent, FunctionEventAvg } from './events.js';
import { shapesText } from './formats.js';
import { type TableSettings, tableOf } from './table.js';

export const tableSignature = signature(
  'table(str? sort_by=None, int row_limit=100, int? max_name_column_width=55, int? max_shapes_column_width=80, str? header=None, bool top_level_events_only=False, str? time_unit=None)',
);
const averagesSignature = signature('key_averages(bool group_by_input_shapes=False)');

/** Calls, or sums of calls: an array that can be printed as a table. */
export class EventList<E extends FunctionEvent | FunctionEventAvg> extends Array<E> {
  /** @internal */
  profilesMemory = false;
  /** @internal */
  countsFlops = false;

  static override get [Symbol.species](): ArrayConstructor {
    return Array;
  }

  /** Microseconds that all of them took. */
  get selfCpuTimeTotal(): number {
    return this.reduce((sum, event) => sum + event.selfCpuTimeTotal, 0);
  }

  /**
   * A table, one row for each.
   *
   * @param sortBy by what, largest first: `'cpu_time_total'`, `'self_cpu_time_total'`, `'cpu_time'`, `'cpu_memory_usage'`,
   * `'self_cpu_memory_usage'`, `'count'`. Default: in the order of the first calls
   * @param header a line above
   * @param topLevelEventsOnly whether to leave out what was called by others
   * @param timeUnit `'s'`, `'ms'` or `'us'`; default: what suits each time
   */
  table(...args: Arguments<typeof tableSignature>): string {
    const { sortBy, ...settings } = tableSignature.bind(args);
    if (this.length === 0) return '';
    let events: readonly E[] = this;
    if (sortBy !== null) {
      const name = camelCase(sortBy.replace(/cuda|xpu|privateuse1/, 'device')) as keyof E;
      const value = (event: E): number => {
        if (typeof event[name] !== 'number')
          throw new AttributeError(`'${event.constructor.name}' object has no attribute '${sortBy}'`);
        return event[name];
      };
      events = [...this].sort((a, b) => value(b) - value(a));
    }
    return tableOf(events, settings as TableSettings, this);
  }

  /** Sums of calls of the same name, or with `groupByInputShapes` of the same name and shapes of arguments. */
  keyAverages(...args: Arguments<typeof averagesSignature>): EventList<FunctionEventAvg> {
    const { groupByInputShapes } = averagesSignature.bind(args);
    const sums = new Map<string, FunctionEventAvg>();
    for (const event of this) {
      const shapes = groupByInputShapes ? event.inputShapes : [];
      const key = JSON.stringify([event.key, shapesText(shapes)]);
      const sum = sums.get(key) ?? new FunctionEventAvg(event.key, shapes);
      sums.set(key, sum.add(event));
    }
    const list = new EventList<FunctionEventAvg>();
    list.push(...sums.values());
    list.profilesMemory = this.profilesMemory;
    list.countsFlops = this.countsFlops;
    return list;
  }

  /** The sum of all. */
  totalAverage(): FunctionEventAvg {
    return this.reduce((sum, event) => sum.add(event), new FunctionEventAvg('Total', []));
  }

  override toString(): string {
    return this.table();
  }

  /** @internal */
  [inspect](): string {
    return this.table();
  }
}
