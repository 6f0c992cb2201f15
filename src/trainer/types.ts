/** Types that only appear in signatures of `flambeau/trainer`, by their names. The build writes them here. */
export {};
