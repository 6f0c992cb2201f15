// A chart of speeds: a bar for each workload and number of threads, from 1 to the right where we are ahead, to the left where we are behind.

const [BAR, GAP, LABEL, WIDTH, TOP] = [7, 5, 190, 520, 42];
/** The axis runs from an eighth to sixteen times, in powers of two; bars beyond are cut. */
const [LEAST, MOST] = [-3, 4];

const escape = (text) => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;');
const place = (power) => LABEL + ((power - LEAST) / (MOST - LEAST)) * WIDTH;

/**
 * @param rows of a name and the speeds to draw, by series
 * @param series their names
 * @returns the chart as SVG
 */
export function chart(rows, series) {
  const step = series.length * BAR + GAP;
  const height = TOP + rows.length * step + 10;
  const ticks = Array.from({ length: MOST - LEAST + 1 }, (_, i) => LEAST + i);
  const grid = ticks.map((power) => {
    const label = power < 0 ? `1/${2 ** -power}` : `${2 ** power}`;
    const x = place(power);
    return `<line class="${power === 0 ? 'one' : 'grid'}" x1="${x}" x2="${x}" y1="${TOP - 6}" y2="${height - 8}"/><text x="${x}" y="${TOP - 10}" text-anchor="middle">${label}</text>`;
  });
  const bars = rows.flatMap(({ name, values }, i) => {
    const y = TOP + i * step;
    const label = `<text x="${LABEL - 8}" y="${y + (series.length * BAR) / 2 + 4}" text-anchor="end">${escape(name)}</text>`;
    return [
      label,
      ...values.flatMap((value, k) => {
        if (!(value > 0)) return [];
        const power = Math.min(MOST, Math.max(LEAST, Math.log2(value)));
        const [from, to] = [Math.min(place(0), place(power)), Math.max(place(0), place(power))];
        const title = `<title>${escape(name)}, ${escape(series[k])}: ${value.toFixed(2)}</title>`;
        return `<rect class="s${k}" x="${from.toFixed(1)}" y="${y + k * BAR}" width="${Math.max(1, to - from).toFixed(1)}" height="${BAR - 1}">${title}</rect>`;
      }),
    ];
  });
  const legend = series.map(
    (name, k) =>
      `<rect class="s${k}" x="${8 + 90 * k}" y="8" width="10" height="10"/><text x="${22 + 90 * k}" y="17">${escape(name)}</text>`,
  );
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${LABEL + WIDTH + 20} ${height}" role="img" aria-label="How many times as fast as PyTorch each workload is">
<style>
text { font: 11px system-ui, sans-serif; fill: #333 }
.grid { stroke: #8884; stroke-width: 1 }
.one { stroke: #888; stroke-width: 1.5 }
.s0 { fill: #e4572e }
.s1 { fill: #f3a712 }
@media (prefers-color-scheme: dark) { text { fill: #ddd } }
</style>
${[...grid, ...bars, ...legend].join('\n')}
</svg>
`;
}
