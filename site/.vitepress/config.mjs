import { readFileSync } from 'node:fs';
import temml from 'temml';
import { defineConfig } from 'vitepress';

const { guide, reference, hasPlay } = JSON.parse(
  readFileSync(new URL('../pages/sidebar.json', import.meta.url), 'utf8'),
);

/** Formulas are MathML, which browsers draw with their own fonts. */
function formulas(md) {
  const { fence } = md.renderer.rules;
  md.renderer.rules.fence = (tokens, i, ...rest) => {
    const { info, content } = tokens[i];
    if (info.trim() !== 'math') return fence(tokens, i, ...rest);
    const text =
      content.includes('\\\\') && !content.includes('\\begin{cases}')
        ? `\\begin{aligned}${content.replaceAll(' = ', ' &= ')}\\end{aligned}`
        : content;
    const math = temml.renderToString(text, { displayMode: true, throwOnError: true });
    return `<p class="formula" tabindex="0" role="group" aria-label="Formula" v-pre>${math}</p>\n`;
  };
}

/** Code that is only indented is shown as that between fences. */
function indented(md) {
  md.renderer.rules.code_block = (tokens, i, ...rest) => {
    tokens[i].info = 'text';
    return md.renderer.rules.fence(tokens, i, ...rest);
  };
}

/** A table's corner without a word is no header. */
function corners(md) {
  md.core.ruler.push('corners', ({ tokens }) => {
    for (const [i, token] of tokens.entries())
      if (token.type === 'th_open' && tokens[i + 1].content.trim() === '') {
        token.tag = 'td';
        tokens[i + 2].tag = 'td';
      }
  });
}

export default defineConfig({
  title: 'Flambeau',
  description: 'PyTorch for TypeScript',
  lang: 'en',
  srcDir: 'pages',
  outDir: process.env.FLAMBEAU_DOCS_OUT ?? '../out/docs',
  cleanUrls: false,
  lastUpdated: false,
  ignoreDeadLinks: [/play\//],
  markdown: {
    config: (md) => {
      formulas(md);
      corners(md);
      indented(md);
    },
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
  },
  vite: { build: { chunkSizeWarningLimit: 4000 } },
  themeConfig: {
    canRun: hasPlay,
    nav: [
      { text: 'Guide', link: '/readme', activeMatch: '^/(?!reference)' },
      { text: 'Reference', link: '/reference/', activeMatch: '^/reference/' },
      ...(hasPlay ? [{ text: 'Try it', link: '/play/index.html', target: '_self' }] : []),
    ],
    sidebar: { '/reference/': reference, '/': guide },
    outline: { level: [2, 3] },
    search: {
      provider: 'local',
      options: {
        miniSearch: {
          // `nn.Linear`, `conv2d` and `crossEntropy` are found by their parts.
          options: {
            tokenize: (text) =>
              text.replace(/([a-z])([A-Z])/g, '$1$2 $1 $2').split(/[\s\-,.:;()[\]{}"'`/_|<>=]+/u),
          },
          searchOptions: { fuzzy: 0.1, prefix: true, boost: { title: 8, titles: 2, text: 1 } },
        },
      },
    },
    docFooter: { prev: false, next: false },
  },
});
