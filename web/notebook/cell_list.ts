import type { editor } from '../chapter/editor.js';
import { Types } from '../types/client.js';
import type { Cell } from './cell.js';
import { CellView } from './cell_view.js';
import { hints } from './hints.js';

/** What the list asks of the page. */
export interface ListCommands {
  run(cell: number): void;
  runAndGoOn(cell: number): void;
  /** Cells or their texts are others. */
  changed(): void;
}

/** Mistakes are looked for when nothing was written for so many milliseconds. */
const patience = 500;

/** The cells of a notebook in their order. Each has a number for good, by which its worker knows it. */
export class CellList {
  private order: number[] = [];
  private readonly views = new Map<number, CellView>();
  private undoing: (() => void)[] = [];
  private next = 0;
  private checking: ReturnType<typeof setTimeout> | undefined;
  private readonly types: Types;

  constructor(
    private readonly place: HTMLElement,
    private readonly make: typeof editor,
    private readonly commands: ListCommands,
  ) {
    this.types = new Types(() => this.code.map((id) => this.views.get(id)!.text));
    place.addEventListener('focusin', ({ target }) => {
      if (this.types.areWanted || !(target as Element).matches('.cm-content')) return;
      this.types.areWanted = true;
      this.check();
    });
  }

  get cells(): Cell[] {
    return this.order.map((id) => this.views.get(id)!.cell);
  }

  /** Numbers of the cells that can be run. */
  get code(): number[] {
    return this.order.filter((id) => this.views.get(id)!.kind === 'code');
  }

  get canUndo(): boolean {
    return this.undoing.length > 0;
  }

  view(id: number): CellView | undefined {
    return this.views.get(id);
  }

  /** Puts others in the place of all cells, which can be undone. */
  replace(cells: readonly Cell[]): void {
    const before = this.cells;
    this.fill(cells);
    if (before.length > 0) this.undoing.push(() => this.fill(before));
    this.commands.changed();
  }

  add(cell: Cell, at = this.order.length): void {
    const id = this.insert(cell, at);
    this.undoing.push(() => this.take(id));
    this.changed();
    this.views.get(id)!.focus();
  }

  undo(): void {
    this.undoing.pop()?.();
    this.changed();
  }

  /** Leads to the cell below; makes one where there is none. */
  focusAfter(id: number): void {
    const next = this.order[this.order.indexOf(id) + 1];
    if (next === undefined) this.add({ kind: 'code', text: '' });
    else this.views.get(next)!.focus();
  }

  private fill(cells: readonly Cell[]): void {
    for (const id of [...this.order]) this.take(id);
    for (const [i, cell] of cells.entries()) this.insert(cell, i);
    this.number();
  }

  private insert(cell: Cell, at: number): number {
    const id = this.next++;
    const view = new CellView(
      cell.kind,
      cell.text,
      {
        run: () => this.commands.run(id),
        runAndGoOn: () => this.commands.runAndGoOn(id),
        move: (by) => this.move(id, by),
        remove: () => this.remove(id),
        addBelow: (kind) => this.add({ kind, text: '' }, this.order.indexOf(id) + 1),
        changed: () => {
          this.commands.changed();
          this.check();
        },
      },
      this.make,
      hints(this.types, () => this.code.indexOf(id)),
    );
    this.views.set(id, view);
    this.order.splice(at, 0, id);
    const after = this.order[at + 1];
    this.place.insertBefore(view.element, after === undefined ? null : this.views.get(after)!.element);
    view.grow();
    return id;
  }

  private take(id: number): void {
    this.views.get(id)?.end();
    this.views.delete(id);
    this.order = this.order.filter((other) => other !== id);
  }

  private remove(id: number): void {
    const at = this.order.indexOf(id);
    const { cell } = this.views.get(id)!;
    this.take(id);
    this.undoing.push(() => void this.insert(cell, Math.min(at, this.order.length)));
    this.changed();
    this.views.get(this.order[Math.min(at, this.order.length - 1)])?.focus();
  }

  private move(id: number, by: -1 | 1): void {
    const to = this.order.indexOf(id) + by;
    if (to < 0 || to >= this.order.length) return;
    this.put(id, to);
    this.undoing.push(() => this.put(id, to - by));
    this.changed();
  }

  /** Lets a cell stand at another place, if it is still there. */
  private put(id: number, to: number): void {
    const view = this.views.get(id);
    if (view === undefined) return;
    this.order = this.order.filter((other) => other !== id);
    this.order.splice(to, 0, id);
    const after = this.order[to + 1];
    // An element that is moved loses the focus.
    const focused = document.activeElement;
    this.place.insertBefore(view.element, after === undefined ? null : this.views.get(after)!.element);
    if (focused instanceof HTMLElement && view.element.contains(focused)) focused.focus();
  }

  /** Cells see each other's names: what one says can be another's mistake. */
  private check(): void {
    clearTimeout(this.checking);
    this.checking = setTimeout(() => {
      for (const view of this.views.values()) view.check();
    }, patience);
  }

  private changed(): void {
    this.number();
    this.check();
    this.commands.changed();
  }

  private number(): void {
    for (const [i, id] of this.order.entries()) this.views.get(id)!.number = i + 1;
  }
}
