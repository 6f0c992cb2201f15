import { draft, keepDraft } from '../page/draft.js';
import { element, uniqueId } from '../page/element.js';
import type { TrainingOrder } from '../worker/messages.js';
import { describe } from './adapter.js';

interface NumberField {
  readonly element: HTMLElement;
  readonly input: HTMLInputElement;
}

/** Choices are still there after a reload. */
const key = (setting: string) => `${document.title}: ${setting}`;

function numberField(
  label: string,
  value: string,
  range: { min: string; max: string; step: string },
): NumberField {
  const id = uniqueId('field');
  const input = element('input', {
    id,
    type: 'number',
    inputmode: 'decimal',
    required: true,
    value: draft(key(label)) ?? value,
    oninput: () => keepDraft(key(label), input.value),
    ...range,
  });
  return { input, element: element('div', { class: 'field' }, element('label', { for: id }, label), input) };
}

function choice(name: string, value: string, label: string, isChecked: boolean) {
  const id = uniqueId('choice');
  const onchange = () => keepDraft(key(name), value);
  const input = element('input', { id, type: 'radio', name, value, checked: isChecked, onchange });
  const note = element('span', { class: 'note', id: `${id}-note` });
  input.setAttribute('aria-describedby', note.id);
  return {
    input,
    note,
    element: element('div', { class: 'choice' }, input, element('label', { for: id }, label), note),
  };
}

/** Choices of a training. */
export class TrainingForm {
  readonly element: HTMLFormElement;
  readonly startButton: HTMLButtonElement;
  private readonly fields: HTMLFieldSetElement;
  private readonly wasm = choice('device', 'cpu', 'WebAssembly', true);
  private readonly webgpu = choice('device', 'webgpu', 'WebGPU', false);
  private readonly epochs = numberField('Epochs', '20', { min: '1', max: '1000', step: '1' });
  private readonly batchSize = numberField('Batch size', '4', { min: '1', max: '1000', step: '1' });
  private readonly learningRate = numberField('Learning rate', '0.001', { min: '0', max: '10', step: 'any' });
  private readonly seed = numberField('Seed', '0', { min: '0', max: '4294967295', step: '1' });
  private readonly files: HTMLInputElement;

  constructor(onStart: () => void) {
    const files = uniqueId('files');
    this.files = element('input', {
      id: files,
      type: 'file',
      multiple: true,
      accept: '.bin,.txt',
      'aria-describedby': `${files}-note`,
      onchange: () => {
        const count = this.files.files?.length ?? 0;
        summary.textContent =
          count === 0 ? sample : `Images: ${count} file${count === 1 ? '' : 's'} of yours`;
      },
    });
    const sample = 'Images: a sample of CIFAR-10';
    const summary = element('summary', {}, sample);
    this.fields = element(
      'fieldset',
      { class: 'plain' },
      element('legend', { class: 'unseen' }, 'Settings of the training'),
      element('fieldset', {}, element('legend', {}, 'Device'), this.wasm.element, this.webgpu.element),
      element(
        'div',
        { class: 'fields' },
        ...[this.epochs, this.batchSize, this.learningRate, this.seed].map((field) => field.element),
      ),
      element(
        'details',
        {},
        summary,
        element(
          'p',
          { class: 'note', id: `${files}-note` },
          'The sample has 2,000 images to train and 500 to test. For all 60,000 choose the six files data_batch_1.bin ',
          'to data_batch_5.bin and test_batch.bin of CIFAR-10’s binary version.',
        ),
        element('div', { class: 'field' }, element('label', { for: files }, 'Images'), this.files),
      ),
    );
    this.element = element(
      'form',
      {
        id: 'settings-form',
        onsubmit: (event) => {
          event.preventDefault();
          onStart();
        },
      },
      this.fields,
    );
    this.startButton = element('button', { type: 'submit', form: 'settings-form', class: 'main' }, 'Start');
    this.webgpu.input.disabled = true;
    this.webgpu.note.textContent = 'looking for a GPU …';
  }

  /** Settings hold for a whole training: while one goes on they cannot be changed. */
  set isFixed(isFixed: boolean) {
    this.fields.disabled = isFixed;
  }

  /** Offers WebGPU where there is an adapter, or says why not. */
  async lookForGpu(): Promise<void> {
    const { input, note } = this.webgpu;
    const { gpu } = navigator as { gpu?: GPU };
    if (gpu === undefined) {
      note.textContent = isSecureContext
        ? 'this browser does not offer it'
        : 'only by https or from localhost';
      return;
    }
    const adapter = await gpu.requestAdapter({ powerPreference: 'high-performance' }).catch(() => null);
    if (adapter === null) {
      note.textContent = 'no GPU that the browser can use';
      return;
    }
    const { name, isSoftware } = describe(adapter);
    note.textContent = isSoftware ? `${name}: a GPU in software, much slower than WebAssembly` : name;
    input.disabled = false;
    if (draft(key('device')) === input.value) input.checked = true;
  }

  /** Reads what is chosen; null if something is not as it should be, which the browser then says. */
  read(): Omit<TrainingOrder, 'chapter'> | null {
    if (!this.element.reportValidity()) return null;
    const files = [...(this.files.files ?? [])];
    return {
      device: this.webgpu.input.checked ? 'webgpu' : 'cpu',
      epochs: this.epochs.input.valueAsNumber,
      batchSize: this.batchSize.input.valueAsNumber,
      learningRate: this.learningRate.input.valueAsNumber,
      seed: this.seed.input.valueAsNumber,
      files: files.length === 0 ? null : files,
    };
  }
}
