/** Every row of `torch.nn.functional`. */
import '../index.js';
import '../nn/attention.js';
import '../nn/embedding_bag.js';
import '../nn/gating.js';
import '../nn/margin_loss.js';
import '../nn/window_maximum.js';
