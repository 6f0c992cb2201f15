/** Types that only appear in signatures of `flambeau/vision`, by their names. The build writes them here. */
export {};
