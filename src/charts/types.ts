/** Types that only appear in signatures of `flambeau/charts`, by their names. The build writes them here. */
export {};
