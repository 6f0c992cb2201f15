/** Types that only appear in signatures of `flambeau/metrics`, by their names. The build writes them here. */
export {};
