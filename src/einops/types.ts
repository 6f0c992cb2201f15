/** Types that only appear in signatures of `flambeau/einops`, by their names. The build writes them here. */
export {};
