// Gives every example of the reference a button that runs it, and makes its text one that can be changed.

let loading = null;

/** The program that runs examples, which lies with the pages of web/. */
function runner(base) {
  loading ??= import(/* @vite-ignore */ new URL(`${base}play/run_examples.js`, location.href).href);
  loading.catch(() => {
    loading = null;
  });
  return loading;
}

/** Adds the buttons of a page that has just been shown. */
export function addButtons(base) {
  for (const example of document.querySelectorAll('.vp-doc .example:not([data-runs])')) {
    example.dataset.runs = '';
    const name = example.closest('.vp-doc')?.querySelector('h1')?.textContent ?? 'example';
    const code = example.querySelector('.language-ts code');
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'run';
    button.textContent = 'Run';
    button.title = 'Runs this here, in your browser; afterwards the text can be changed';
    const status = document.createElement('span');
    status.className = 'run-status';
    status.setAttribute('role', 'status');
    const bar = document.createElement('div');
    bar.className = 'run-bar';
    bar.append(button, status);
    example.append(bar);
    button.addEventListener('click', () => start({ example, code, button, status, name, base }));
  }
}

async function start({ example, code, button, status, name, base }) {
  button.disabled = true;
  status.textContent = loading === null ? 'Loading the library …' : 'Running …';
  const output = outputOf(example);
  let text = '';
  const end = (said) => {
    output.textContent = text;
    status.textContent = said;
    button.disabled = false;
    button.textContent = 'Run again';
    makeEditable(code, name);
  };
  try {
    const { run } = await runner(base);
    run(code.textContent, {
      print(line) {
        text += `${line}\n`;
        output.textContent = text;
      },
      done: () => end('Done.'),
      fail(message) {
        text += `${message}\n`;
        end('Failed.');
      },
    });
  } catch (error) {
    text = error.message;
    end('Failed.');
  }
}

/** Where an example prints; made if nothing is printed so far. */
function outputOf(example) {
  const known = example.querySelector('.language-text code');
  if (known !== null) return known;
  const block = document.createElement('div');
  block.className = 'language-text';
  block.innerHTML = '<pre tabindex="0"><code></code></pre>';
  example.querySelector('.language-ts').after(block);
  return block.querySelector('code');
}

function makeEditable(code, name) {
  if (code.isContentEditable) return;
  code.contentEditable = 'plaintext-only';
  if (code.contentEditable !== 'plaintext-only') code.contentEditable = 'true';
  code.spellcheck = false;
  code.setAttribute('role', 'textbox');
  code.setAttribute('aria-multiline', 'true');
  code.setAttribute('aria-label', `Source: ${name}`);
}
