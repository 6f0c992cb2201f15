/** Vite's plugin, as far as it is tested. */
export function framePlugin(site?: string): {
  transformIndexHtml(
    html: string,
    context: { path: string },
  ): { html: string; tags: { tag: string; attrs: Readonly<Record<string, string>> }[] };
};
