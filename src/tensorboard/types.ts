/** Types that only appear in signatures of `flambeau/tensorboard`, by their names. The build writes them here. */
export {};
