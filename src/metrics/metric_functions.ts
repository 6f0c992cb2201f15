/** `metrics.functional`: values of one batch. */
export * from './auroc_functions.js';
export * from './confusion_functions.js';
export * from './regression_functions.js';
export * from './score_functions.js';
