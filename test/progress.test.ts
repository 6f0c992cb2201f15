import { PassThrough } from 'node:stream';
import * as torch from 'flambeau';
import { describe, expect, it } from 'vitest';

function terminal(isTTY: boolean) {
  let text = '';
  const stream = Object.assign(new PassThrough(), { isTTY, columns: 120 });
  stream.on('data', (chunk) => {
    text += chunk;
  });
  return { stream: stream as unknown as NodeJS.WriteStream, text: () => text };
}

describe('ProgressBar', () => {
  it('shows progress, speed, time left and values on a terminal', async () => {
    const { stream, text } = terminal(true);
    const progress = await torch.utils.ProgressBar.start(4, { description: 'epoch 1', unit: 'step', stream });
    for (let i = 1; i <= 4; i++) progress.advance(1, { loss: i / 2 });
    progress.stop();
    expect(text()).toMatch(/epoch 1: 0%\| +\| 0\/4 /);
    expect(text()).toMatch(/epoch 1: 100%\|█+\| 4\/4 \[\d+s<\d+s, [\d.]+ step\/s\] loss=2/);
  });

  it('prints one line where there is no terminal', async () => {
    const { stream, text } = terminal(false);
    const progress = await torch.utils.ProgressBar.start(5e6, { description: 'file', bytes: true, stream });
    progress.set(2e6);
    expect(text()).toBe('');
    progress.stop();
    expect(text()).toMatch(/^file: 2\.0\/5\.0 MB in [\d.]+ s, [\d.]+ MB\/s\n$/);
  });
});
