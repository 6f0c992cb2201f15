import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import '../src/index.js';
import { corpusExists, replay } from './corpus.js';

/** The recorded ops of `nn.functional` that this folder's rows implement. */
const stems =
  `native_batch_norm native_layer_norm softmax softmax.with_dtype log_softmax log_softmax.with_dtype`
    .split(' ')
    .concat(
      `adaptive_avg_pool1d adaptive_avg_pool2d adaptive_avg_pool3d alpha_dropout avg_pool1d avg_pool2d avg_pool3d
     batch_norm bilinear binary_cross_entropy binary_cross_entropy_with_logits conv1d conv2d conv3d conv_transpose1d
     conv_transpose2d conv_transpose3d cosine_embedding_loss cosine_similarity cross_entropy dropout dropout2d dropout3d
     embedding feature_alpha_dropout.with_train feature_alpha_dropout.without_train gaussian_nll_loss glu group_norm
     hinge_embedding_loss huber_loss instance_norm kl_div l1_loss layer_norm linear margin_ranking_loss max_pool1d max_pool2d
     max_pool3d mse_loss nll_loss normalize one_hot pad.circular pad.constant pad.reflect pad.replicate
     pad.replicate_negative pairwise_distance poisson_nll_loss rms_norm smooth_l1_loss soft_margin_loss softmin
     softmin.with_dtype triplet_margin_loss`
        .split(/\s+/)
        .map((name) => `nn.functional.${name}`),
    );

interface Index {
  readonly ops: Readonly<Record<string, unknown>>;
}

describe.skipIf(!corpusExists)('the recorded operator database (skipped where ../shared is absent)', () => {
  it.each(stems)('%s', (stem) => {
    const report = replay(stem);
    expect(report.failures).toEqual([]);
    expect(report.passed).toBeGreaterThan(0);
  });

  it('records all of them', () => {
    const path = new URL('../../shared/conformance/index.json', import.meta.url);
    const { ops } = JSON.parse(readFileSync(path, 'utf8')) as Index;
    expect(stems.filter((stem) => !(stem in ops))).toEqual([]);
  });
});
