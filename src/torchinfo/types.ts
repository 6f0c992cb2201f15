/** Types that only appear in signatures of `flambeau/torchinfo`, by their names. The build writes them here. */
export {};
