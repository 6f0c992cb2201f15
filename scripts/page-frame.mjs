// What all pages of web/ have in common beside their styles: icons, a manifest that lets them be installed, what is shown of links to them,
// and a footer with licences.

import { cardPng, iconPng, iconSvg } from './page-pictures.mjs';

const name = 'Flambeau';
const about = 'PyTorch for TypeScript: tensors, gradients and neural networks in your browser.';

const manifest = {
  name,
  short_name: name,
  description: about,
  start_url: './index.html',
  scope: './',
  display: 'standalone',
  background_color: '#ffffff',
  theme_color: '#0b57d0',
  icons: [
    { src: 'icon.svg', sizes: 'any', type: 'image/svg+xml' },
    { src: 'icon-192.png', sizes: '192x192', type: 'image/png' },
    { src: 'icon-512.png', sizes: '512x512', type: 'image/png' },
    { src: 'icon-maskable-512.png', sizes: '512x512', type: 'image/png', purpose: 'maskable' },
  ],
};

/** Files by their names. */
const files = {
  'manifest.webmanifest': () => JSON.stringify(manifest, null, 2),
  'icon.svg': iconSvg,
  'icon-180.png': () => iconPng(180, true),
  'icon-192.png': () => iconPng(192),
  'icon-512.png': () => iconPng(512),
  'icon-maskable-512.png': () => iconPng(512, true),
  'card.png': cardPng,
};

const footers = {
  en: `<footer><p>Flambeau is free software under the MIT licence.</p>
<p>Digits: MNIST, Y. LeCun, C. Cortes and C. J. C. Burges, <a href="https://creativecommons.org/licenses/by-sa/3.0/">CC BY-SA 3.0</a>.
Photographs: CIFAR-10, A. Krizhevsky, <a href="https://www.cs.toronto.edu/~kriz/cifar.html">Learning Multiple Layers of Features from Tiny Images</a>, 2009.</p></footer>`,
  zh: `<footer><p>Flambeau 是自由软件，采用 MIT 许可证。</p>
<p>手写数字：MNIST，Y. LeCun、C. Cortes、C. J. C. Burges，<a href="https://creativecommons.org/licenses/by-sa/3.0/">CC BY-SA 3.0</a>。
照片：CIFAR-10，A. Krizhevsky，<a href="https://www.cs.toronto.edu/~kriz/cifar.html">Learning Multiple Layers of Features from Tiny Images</a>，2009。</p></footer>`,
};

/** @param site where the pages will lie: programs that show links want whole addresses */
export function framePlugin(site) {
  const address = (file) => (site === undefined ? `./${file}` : new URL(file, `${site}/`).href);
  return {
    name: 'frame',
    transformIndexHtml(html, { path }) {
      const [, title] = /<title>(.*?)<\/title>/s.exec(html) ?? [];
      if (title === undefined) return html;
      const description = /name="description"\s+content="([^"]*)"/.exec(html)?.[1] ?? about;
      const link = (rel, href, more = {}) => ({ tag: 'link', attrs: { rel, href, ...more } });
      const meta = (property, content) => ({
        tag: 'meta',
        attrs: { [property.startsWith('og:') ? 'property' : 'name']: property, content },
      });
      const page = path.split('/').at(-1).replace(/^$/, 'index.html');
      return {
        html: html.replace('</body>', `${footers[/<html lang="zh/.test(html) ? 'zh' : 'en']}\n</body>`),
        tags: [
          link('icon', './icon.svg', { type: 'image/svg+xml' }),
          link('apple-touch-icon', './icon-180.png'),
          link('manifest', './manifest.webmanifest'),
          meta('theme-color', manifest.theme_color),
          meta('og:type', 'website'),
          meta('og:site_name', name),
          meta('og:title', title),
          meta('og:description', description),
          meta('og:image', address('card.png')),
          ...(site === undefined ? [] : [meta('og:url', address(page))]),
          meta('twitter:card', 'summary_large_image'),
          // After the charset, which is looked for in a page's first bytes.
        ].map((tag) => ({ ...tag, injectTo: 'head' })),
      };
    },
    async generateBundle() {
      // Only with pages: workers are bundled, too.
      for (const [fileName, make] of Object.entries(files))
        this.emitFile({ type: 'asset', fileName, source: await make() });
    },
    configureServer(server) {
      server.middlewares.use(async (request, response, next) => {
        const make = files[new URL(request.url, 'http://localhost').pathname.slice(1)];
        if (make === undefined) return next();
        response.end(await make());
      });
    },
  };
}
