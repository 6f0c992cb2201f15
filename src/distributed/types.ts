/** Types that only appear in signatures of `flambeau/distributed`, by their names. The build writes them here. */
export {};
