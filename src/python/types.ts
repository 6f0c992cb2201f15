/** Types that only appear in signatures of `flambeau/python`, by their names. The build writes them here. */
export {};
