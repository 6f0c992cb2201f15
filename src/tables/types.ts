/** Types that only appear in signatures of `flambeau/tables`, by their names. The build writes them here. */
export {};
