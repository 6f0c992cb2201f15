/** `torch.amp`: mixed precision. */
export { type AutocastOptions, autocast, isAutocastAvailable } from './autocast.js';
export { customBwd, customFwd } from './custom_function.js';
export { GradScaler, type GradScalerStateDict } from './grad_scaler.js';
