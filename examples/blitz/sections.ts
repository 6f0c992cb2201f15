/** A chapter's source, cut into what is shown and run by itself. */

export interface Section {
  readonly title: string;
  /** The comment that the section begins with, as text. */
  readonly introduction: string;
  readonly code: string;
}

/** The sections of a chapter's source, from one call of `section` to the next, without their common indentation. */
export function readSections(source: string): Section[] {
  const sections: { title: string; lines: string[] }[] = [];
  let isInside = false;
  for (const line of source.split('\n')) {
    const title = /^ {2}section\('(.+)'\);$/.exec(line)?.[1];
    if (title !== undefined) {
      if (sections.some((section) => section.title === title))
        throw new Error(`two sections are named '${title}'`);
      sections.push({ title, lines: [] });
      isInside = true;
    } else if (line === '}') isInside = false;
    else if (isInside) sections.at(-1)!.lines.push(line.replace(/^ {2}/, ''));
  }
  return sections.map(({ title, lines }) => {
    const end = lines.findIndex((line) => !line.startsWith('//'));
    return {
      title,
      introduction: lines
        .slice(0, end)
        .map((line) => line.replace(/^\/\/ ?/, ''))
        .join(' '),
      code: lines.slice(end).join('\n').trim(),
    };
  });
}

/** The beginning of a chapter's source, before its function: names that every section uses. */
export function readPreamble(source: string): string {
  const [before] = source.split(/^export (?:async )?function/m, 1);
  return before.replace(/^(?:import .*|\/\*\*.*\*\/)$/gm, '').trim();
}

/** The subject of a chapter: the comment that its source begins with. */
export function readSubject(source: string): string {
  return /^\/\*\* (.*?)\.? \*\/$/m.exec(source)?.[1] ?? '';
}
