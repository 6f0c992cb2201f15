import './network_graph.css';
import { element, svg } from '../page/element.js';
import type { GraphNode } from '../worker/messages.js';

/** Each step is as high, in rem: arrows can then be drawn without looking where steps are. */
const rowHeight = 4.25;
/** What lies between two boxes. */
const gap = 0.9;
/** Arrows that pass by other steps stand left of the boxes, so far apart. */
const laneWidth = 0.9;
const pixels = 16;

/** A network's steps from the top to the bottom, with arrows from each to those that take its result. */
export function networkGraph(nodes: readonly GraphNode[]): HTMLElement {
  const edges = nodes.flatMap(({ inputs }, to) => inputs.map((from) => ({ from, to })));
  const detours = edges.filter(({ from, to }) => to - from > 1);
  const lanes = lanesOf(detours);
  const margin = laneWidth * (1 + Math.max(-1, ...lanes));
  const total = nodes.reduce((sum, { parameters }) => sum + parameters, 0);
  const items = nodes.map((node, i) => {
    const [, kind, details] = /^(\w+)\((.*)\)$/s.exec(node.label) ?? [null, node.label, ''];
    const from = node.inputs.filter((input) => input !== i - 1).map((input) => nodes[input].name);
    return element(
      'li',
      {},
      element('b', {}, kind!),
      element('span', { class: 'shape' }, node.shape === null ? '' : node.shape.join(' × ')),
      element('small', {}, details!.replaceAll(/\s+/g, ' ')),
      element('small', {}, node.parameters === 0 ? '' : `${node.parameters.toLocaleString('en')} parameters`),
      ...(from.length > 0 ? [element('span', { class: 'unseen' }, ` takes ${from.join(', ')}`)] : []),
    );
  });
  return element(
    'figure',
    { class: 'graph' },
    element(
      'div',
      { style: `padding-left: ${margin}rem; --row: ${rowHeight}rem; --gap: ${gap}rem` },
      arrows(edges, detours, lanes, margin, nodes.length),
      element('ol', {}, ...items),
    ),
    element('figcaption', {}, `${total.toLocaleString('en')} parameters in all.`),
  );
}

type Edge = { readonly from: number; readonly to: number };

/** Gives each detour a lane in which no other goes at the same height. */
function lanesOf(detours: readonly Edge[]): number[] {
  const ends: number[] = [];
  return detours.map(({ from, to }) => {
    const free = ends.findIndex((end) => end <= from);
    const lane = free === -1 ? ends.length : free;
    ends[lane] = to;
    return lane;
  });
}

function arrows(
  edges: readonly Edge[],
  detours: readonly Edge[],
  lanes: readonly number[],
  margin: number,
  count: number,
): SVGSVGElement {
  const middle = margin + 2;
  const bottomOf = (i: number) => (i + 1) * rowHeight - gap;
  const straight = edges
    .filter(({ from, to }) => to - from === 1)
    .map(({ from }) => `M${middle} ${bottomOf(from)}v${gap}`);
  const around = detours.map(({ from, to }, i) => {
    const x = margin - laneWidth * (lanes[i] + 0.7);
    const [y, end] = [from * rowHeight + (rowHeight - gap) / 2, to * rowHeight + (rowHeight - gap) / 2];
    return `M${margin} ${y}H${x}V${end}H${margin}`;
  });
  const scaled = (path: string) => path.replace(/[\d.]+/g, (number) => (Number(number) * pixels).toFixed(1));
  const heads = edges.map(({ from, to }) =>
    to - from === 1
      ? headAt(middle * pixels, to * rowHeight * pixels, [-4, -6, 8, 0])
      : headAt(margin * pixels, (to * rowHeight + (rowHeight - gap) / 2) * pixels, [-6, -4, 0, 8]),
  );
  const height = count * rowHeight;
  const width = middle + 1;
  return svg(
    'svg',
    {
      'aria-hidden': 'true',
      viewBox: `0 0 ${width * pixels} ${height * pixels}`,
      style: `width: ${width}rem; height: ${height}rem`,
    },
    svg('path', { class: 'edge', d: [...straight, ...around].map(scaled).join('') }),
    svg('path', { class: 'head', d: heads.join('') }),
  );
}

/** A triangle whose point lies there. */
const headAt = (x: number, y: number, [dx, dy, across, down]: readonly number[]): string =>
  `M${x.toFixed(1)} ${y.toFixed(1)}l${dx} ${dy}l${across} ${down}z`;
