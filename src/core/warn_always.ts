import { signed } from './signature/signed.js';
import { isShownAlways, showAlways } from './warnings.js';

/**
 * Shows warnings each time they are given. By default each text is shown once, so that a loop does not repeat it.
 *
 * @param b true: always; false: once
 *
 * @example
 * torch.setWarnAlways(true);
 */
export const setWarnAlways = signed('set_warn_always(bool b)', ({ b }): void => showAlways(b));

/** Whether warnings are shown each time they are given. */
export const isWarnAlwaysEnabled = signed('is_warn_always_enabled()', (): boolean => isShownAlways());
