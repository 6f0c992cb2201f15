import type { Page } from 'playwright-core';

/**
 * Faults of a page for those who do not see it well, or not at all: missing names, labels, landmarks, contrast (4.5 to 1 for text, as WCAG 2.2 AA
 * asks), and room, where it is wider than the screen.
 */
export function findFaults(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const faults: string[] = [];
    const describe = (node: Element) => node.outerHTML.slice(0, 120);
    const isVisible = (node: Element) =>
      node.checkVisibility({ visibilityProperty: true, opacityProperty: true });
    const all = <E extends Element>(selector: string) =>
      [...document.querySelectorAll<E & HTMLElement>(selector)].filter(isVisible);

    if (!/^(en|zh-Hans)$/.test(document.documentElement.lang)) faults.push('no language');
    if (document.title === '') faults.push('no title');
    for (const selector of ['main', 'h1', 'header', 'nav[aria-label]'])
      if (all(selector).length !== 1) faults.push(`not one ${selector}`);

    const ids = [...document.querySelectorAll('[id]')].map(({ id }) => id);
    for (const id of new Set(ids.filter((one, i) => ids.indexOf(one) !== i))) faults.push(`two #${id}`);
    for (const attribute of ['for', 'aria-labelledby', 'aria-describedby'])
      for (const node of document.querySelectorAll(`[${attribute}]`))
        for (const id of node.getAttribute(attribute)!.split(' '))
          if (document.getElementById(id) === null) faults.push(`${attribute} of nothing: ${describe(node)}`);

    let level = 0;
    for (const heading of all('h1, h2, h3, h4')) {
      const next = Number(heading.tagName[1]);
      if (next > level + 1) faults.push(`a heading of level ${next} after ${level}: ${describe(heading)}`);
      level = next;
    }

    const name = (node: HTMLElement) =>
      node.getAttribute('aria-label') ??
      (node.hasAttribute('aria-labelledby')
        ? document.getElementById(node.getAttribute('aria-labelledby')!)?.textContent
        : null) ??
      ((node as HTMLInputElement).labels?.length
        ? (node as HTMLInputElement).labels![0].textContent
        : node.textContent);
    const named =
      'a, button, input, select, textarea, canvas, svg:not([aria-hidden=true]), progress, section, [contenteditable=true], [role=group]';
    for (const node of all<HTMLElement>(named))
      if (!name(node)?.trim()) faults.push(`no name: ${describe(node)}`);

    // Everything that can be pressed is large enough for a finger: 24 by 24, or a line of text.
    for (const node of all('button, input')) {
      const { width, height } = node.getBoundingClientRect();
      const target = (node as unknown as HTMLInputElement).labels?.[0]?.getBoundingClientRect();
      if (Math.max(width, target?.width ?? 0) < 24 || Math.max(height, target?.height ?? 0) < 24)
        faults.push(`small: ${describe(node)}`);
    }

    type Rgba = [number, number, number, number];
    const parse = (color: string) => {
      const [r, g, b, a = 1] = color.match(/[\d.]+/g)!.map(Number);
      return [r, g, b, a] as Rgba;
    };
    const luminance = ([r, g, b]: Rgba) => {
      const [red, green, blue] = [r, g, b].map((channel) => {
        const c = channel / 255;
        return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4;
      });
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const background = (node: Element | null): Rgba => {
      for (let one = node; one !== null; one = one.parentElement) {
        const color = parse(getComputedStyle(one).backgroundColor);
        if (color[3] === 1) return color;
      }
      return matchMedia('(prefers-color-scheme: dark)').matches ? [0, 0, 0, 1] : [255, 255, 255, 1];
    };
    const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
    const told = new Set<string>();
    while (texts.nextNode() !== null) {
      const parent = texts.currentNode.parentElement!;
      if (texts.currentNode.textContent!.trim() === '' || !isVisible(parent)) continue;
      const style = getComputedStyle(parent);
      const color = parse(parent instanceof SVGElement ? style.fill : style.color);
      const [high, low] = [luminance(color), luminance(background(parent))].sort((a, b) => b - a);
      const contrast = (high + 0.05) / (low + 0.05);
      const fault = `contrast ${contrast.toFixed(2)} of ${style.color} in ${parent.tagName}.${parent.className}`;
      if (contrast < 4.5 && !told.has(fault)) faults.push(fault);
      told.add(fault);
    }

    const { scrollWidth, clientWidth } = document.documentElement;
    if (scrollWidth > clientWidth) faults.push(`${scrollWidth} wide on a screen of ${clientWidth}`);
    return faults;
  });
}
