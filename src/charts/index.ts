/// <reference lib="esnext.disposable" preserve="true" />
/** `flambeau/charts`: pictures of what a training logged, as SVG. */
export { type Curve, type Curves, lineChart, smoothed } from './line_chart.js';
export type * from './types.js';
