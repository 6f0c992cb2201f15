import { setting, writeSettings } from '../page/address.js';
import { draft, keepDraft } from '../page/draft.js';
import { element, uniqueId } from '../page/element.js';
import type { TrainingOrder } from '../worker/messages.js';
import { describe } from './adapter.js';
import { isNetwork, type NetworkName, networks } from './networks.js';

/** Choices are still there after a visit to another page, unless the address has others. */
const known = (name: string): string | null => setting(name) ?? draft(`training: ${name}`);

interface Field {
  readonly element: HTMLElement;
  readonly input: HTMLInputElement;
}

type Range = { readonly min: string; readonly max: string; readonly step: string };

function numberField(label: string, name: string, value: string, range: Range): Field {
  const id = uniqueId('field');
  const given = known(name);
  const input = element('input', {
    ...{ id, name, type: 'number', inputmode: 'decimal', required: true, ...range },
    value: given !== null && Number.isFinite(Number(given)) ? given : value,
  });
  return { input, element: element('div', { class: 'field' }, element('label', { for: id }, label), input) };
}

function choice(name: string, value: string, label: string, isChecked: boolean) {
  const id = uniqueId('choice');
  const input = element('input', { id, type: 'radio', name, value, checked: isChecked });
  const note = element('span', { class: 'note', id: `${id}-note` });
  input.setAttribute('aria-describedby', note.id);
  return {
    input,
    note,
    element: element('div', { class: 'choice' }, input, element('label', { for: id }, label), note),
  };
}

export type Settings = Omit<TrainingOrder, 'chapter'> & { readonly network: NetworkName };

/** Choices of a training. */
export class TrainingForm {
  readonly element: HTMLFormElement;
  readonly startButton: HTMLButtonElement;
  private readonly fields: HTMLFieldSetElement;
  private readonly networks: readonly ReturnType<typeof choice>[];
  private readonly wasm = choice('device', 'cpu', 'WebAssembly', true);
  private readonly webgpu = choice('device', 'webgpu', 'WebGPU', false);
  private readonly numbers: Readonly<Record<'epochs' | 'batchSize' | 'learningRate' | 'seed', Field>>;
  private readonly files: HTMLInputElement;

  constructor(onStart: () => void) {
    const given = known('network');
    const chosen: NetworkName = isNetwork(given) ? given : 'deeper';
    this.networks = Object.entries(networks).map(([name, { title }]) =>
      choice('network', name, title, name === chosen),
    );
    this.networks[0].note.textContent = 'three convolutions, batch norms, varied images: 60 % and more';
    this.networks[1].note.textContent = 'as in Python, step by step';
    const { usual } = networks[chosen];
    this.numbers = {
      epochs: numberField('Epochs', 'epochs', usual.epochs, { min: '1', max: '1000', step: '1' }),
      batchSize: numberField('Batch size', 'batch', usual.batchSize, { min: '1', max: '1000', step: '1' }),
      learningRate: numberField('Learning rate', 'rate', usual.learningRate, {
        ...{ min: '0', max: '10', step: 'any' },
      }),
      seed: numberField('Seed', 'seed', '0', { min: '0', max: '4294967295', step: '1' }),
    };
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
    const group = (title: string, ...choices: readonly ReturnType<typeof choice>[]) =>
      element('fieldset', {}, element('legend', {}, title), ...choices.map((one) => one.element));
    this.fields = element(
      'fieldset',
      { class: 'plain' },
      element('legend', { class: 'unseen' }, 'Settings of the training'),
      group('Network', ...this.networks),
      group('Device', this.wasm, this.webgpu),
      element('div', { class: 'fields' }, ...Object.values(this.numbers).map((field) => field.element)),
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
        oninput: ({ target }) => this.keep(target as HTMLInputElement),
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
    if (known('device') === input.value) input.checked = true;
  }

  /** Reads what is chosen; null if something is not as it should be, which the browser then says. */
  read(): Settings | null {
    if (!this.element.reportValidity()) return null;
    const files = [...(this.files.files ?? [])];
    const { epochs, batchSize, learningRate, seed } = this.numbers;
    return {
      network: this.network,
      device: this.webgpu.input.checked ? 'webgpu' : 'cpu',
      epochs: epochs.input.valueAsNumber,
      batchSize: batchSize.input.valueAsNumber,
      learningRate: learningRate.input.valueAsNumber,
      seed: seed.input.valueAsNumber,
      files: files.length === 0 ? null : files,
    };
  }

  private get network(): NetworkName {
    return this.networks.find(({ input }) => input.checked)!.input.value as NetworkName;
  }

  /** Keeps what was changed, here and in the address. Another network has other usual numbers. */
  private keep(changed: HTMLInputElement): void {
    if (changed.name === 'network')
      for (const [name, value] of Object.entries(networks[this.network].usual))
        this.numbers[name as keyof typeof this.numbers].input.value = value;
    const usual: Readonly<Record<string, string>> = { ...networks[this.network].usual, seed: '0' };
    const settings: [string, string, string][] = [
      ['network', this.network, 'deeper'],
      ['device', this.webgpu.input.checked ? 'webgpu' : 'cpu', 'cpu'],
      ...Object.entries(this.numbers).map(([name, { input }]): [string, string, string] => [
        ...([input.name, input.value, usual[name]] as const),
      ]),
    ];
    for (const [name, value] of settings) keepDraft(`training: ${name}`, value);
    writeSettings(settings);
  }
}
