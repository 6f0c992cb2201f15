/** Types that only appear in signatures of `flambeau/convert`, by their names. The build writes them here. */
export {};
