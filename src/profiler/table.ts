/** Tables of calls, as PyTorch prints them. */
import type { FunctionEvent, FunctionEventAvg } from './events.js';
import { flopsUnit, memoryText, shapesText, shareText, type TimeUnit, timeText } from './formats.js';

export interface TableSettings {
  readonly rowLimit: number;
  readonly maxNameColumnWidth: number | null;
  readonly maxShapesColumnWidth: number | null;
  readonly header: string | null;
  readonly topLevelEventsOnly: boolean;
  readonly timeUnit: TimeUnit | null;
}

/** Which counts there are beside times. */
interface Counted {
  readonly profilesMemory: boolean;
  readonly countsFlops: boolean;
}

interface Column {
  readonly title: string;
  readonly width: number;
  readonly text: (event: FunctionEvent | FunctionEventAvg) => string;
}

/** The table of some events. */
export function tableOf(
  events: readonly (FunctionEvent | FunctionEventAvg)[],
  settings: TableSettings,
  counted: Counted,
): string {
  const { rowLimit, header, topLevelEventsOnly, timeUnit } = settings;
  const total = events.reduce((sum, event) => sum + event.selfCpuTimeTotal, 0);
  const columns = columnsOf(events, settings, total, counted);
  const row = (text: (column: Column) => string): string =>
    columns.map((column) => `${text(column).padStart(column.width)}  `).join('');
  const line = row(({ width }) => '-'.repeat(width));
  const bar = '='.repeat(line.length - 2);
  const shown = topLevelEventsOnly ? events.filter((event) => event.cpuParent === null) : events;
  return [
    ...(header === null ? [] : [bar, header]),
    ...(topLevelEventsOnly ? [bar, 'This report only display top-level ops statistics'] : []),
    line,
    row(({ title }) => title),
    line,
    ...shown.slice(0, rowLimit < 0 ? undefined : rowLimit).map((event) => row(({ text }) => text(event))),
    line,
    `Self CPU time total: ${timeText(total, timeUnit)}`,
    '',
  ].join('\n');
}

function columnsOf(
  events: readonly (FunctionEvent | FunctionEventAvg)[],
  { maxNameColumnWidth, maxShapesColumnWidth, timeUnit }: TableSettings,
  total: number,
  { profilesMemory, countsFlops }: Counted,
): Column[] {
  const time = (time: number): string => timeText(time, timeUnit);
  /** The width of the longest text, up to a limit. */
  const fitting = (texts: readonly string[], limit: number | null): number =>
    Math.min(Math.max(...texts.map((text) => text.length)) + 4, limit ?? Number.POSITIVE_INFINITY);
  const usual = (title: string, text: Column['text']): Column => ({ title, width: 12, text });
  const most = maxNameColumnWidth ?? Number.POSITIVE_INFINITY;
  const columns: Column[] = [
    {
      title: 'Name',
      width: fitting(
        events.map(({ key }) => key),
        maxNameColumnWidth,
      ),
      text: ({ key }) => (key.length >= most - 3 ? `${key.slice(0, most - 3)}...` : key),
    },
    usual('Self CPU %', (e) => shareText(e.selfCpuTimeTotal, total)),
    usual('Self CPU', (e) => time(e.selfCpuTimeTotal)),
    usual('CPU total %', (e) => shareText(e.cpuTimeTotal, total)),
    usual('CPU total', (e) => time(e.cpuTimeTotal)),
    usual('CPU time avg', (e) => time(e.cpuTime)),
  ];
  if (profilesMemory) {
    columns.push(
      usual('CPU Mem', (e) => memoryText(e.cpuMemoryUsage)),
      usual('Self CPU Mem', (e) => memoryText(e.selfCpuMemoryUsage)),
    );
    const device = events.find(({ useDevice }) => useDevice !== null)?.useDevice?.toUpperCase();
    if (device !== undefined)
      columns.push(
        usual(`${device} Mem`, (e) => memoryText(e.deviceMemoryUsage)),
        usual(`Self ${device} Mem`, (e) => memoryText(e.selfDeviceMemoryUsage)),
      );
  }
  columns.push(usual('# of Calls', (e) => String(e.count)));
  if (events.some(({ inputShapes }) => inputShapes.length > 0)) {
    const texts = events.map(({ inputShapes }) => shapesText(inputShapes));
    const width = fitting(texts, maxShapesColumnWidth);
    columns.push({
      title: 'Input Shapes',
      width,
      text: ({ inputShapes }) => shapesText(inputShapes).slice(0, width),
    });
  }
  const flops = events.map((event) => event.flops).filter((count) => count > 0);
  if (countsFlops && flops.length > 0) {
    const [unit, scale] = flopsUnit(Math.min(...flops));
    columns.push(
      usual(`Total ${unit}`, (e) => (e.flops <= 0 ? '--' : (e.flops / scale).toFixed(3).padStart(8))),
    );
  }
  return columns;
}
