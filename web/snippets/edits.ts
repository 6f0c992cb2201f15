/** Changes of a text, noted by places in the original. */
export class Edits {
  private readonly edits: { from: number; to: number; by: string }[] = [];

  constructor(readonly source: string) {}

  replace(from: number, to: number, by: string): void {
    this.edits.push({ from, to, by });
  }

  insert(at: number, text: string): void {
    this.replace(at, at, text);
  }

  /** Puts spaces in the place of what is there, so that lines and columns stay where they are. */
  blank(from: number, to: number): void {
    this.replace(from, to, this.source.slice(from, to).replace(/[^\n]/g, ' '));
  }

  /** The text with all changes. What lies inside of a replaced stretch goes with it. */
  apply(): string {
    const ordered = this.edits
      .map((edit, order) => ({ ...edit, order }))
      .sort(
        (a, b) => a.from - b.from || (a.from === a.to ? -1 : 0) - (b.from === b.to ? -1 : 0) || b.to - a.to,
      );
    let text = '';
    let at = 0;
    for (const { from, to, by } of ordered) {
      if (from < at) continue;
      text += this.source.slice(at, from) + by;
      at = to;
    }
    return text + this.source.slice(at);
  }
}
