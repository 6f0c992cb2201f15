/**
 * Cross-origin isolation, and so threads, for pages whose host sends no headers (GitHub Pages): `<script src="isolate.js"></script>`. A page that is
 * not isolated registers this same file as its service worker, which gives the headers to all that its folder loads, and loads again.
 * scripts/build-browser.mjs makes it a classic script.
 */

/** The part of a service worker's global scope that is used; the compiler knows that of pages. */
interface Scope {
  readonly clients: { claim(): Promise<void> };
  skipWaiting(): Promise<void>;
  addEventListener(type: string, listener: (event: ScopeEvent) => void): void;
}

interface ScopeEvent {
  readonly request: Request;
  respondWith(response: Promise<Response>): void;
  waitUntil(promise: Promise<unknown>): void;
}

/** Policies in the order in which they are tried: Safari knows only the stricter one. */
const policies = ['credentialless', 'require-corp'];
/** The number of policies that were tried in vain, as long as the tab is open. */
const tries = 'flambeau: isolation tried';

if (typeof document === 'undefined') serve(globalThis as unknown as Scope);
else if (window.crossOriginIsolated) sessionStorage.removeItem(tries);
// Who embeds a page decides whether it may be isolated.
else if (window === window.top)
  isolate((document.currentScript as HTMLScriptElement).src).catch((error: Error) => giveUp(error.message));

async function isolate(script: string): Promise<void> {
  if (navigator.serviceWorker === undefined)
    return giveUp('service workers need HTTPS, and no private window');
  if (!location.href.startsWith(new URL('.', script).href))
    return giveUp(`this file must lie in the page's folder, or in one above it, not at ${script}`);
  const tried = Number(sessionStorage.getItem(tries) ?? 0);
  if (tried === policies.length) return giveUp('is this file in the folder of the page, or in one above it?');
  sessionStorage.setItem(tries, String(tried + 1));
  const { installing, waiting, active } = await navigator.serviceWorker.register(
    `${script}?${policies[tried]}`,
  );
  const worker = installing ?? waiting ?? active;
  await new Promise<void>((resolve, reject) => {
    const look = () => {
      if (worker?.state === 'activated') resolve();
      if (worker?.state === 'redundant') reject(new Error('its service worker was not taken'));
    };
    worker?.addEventListener('statechange', look);
    look();
  });
  location.reload();
}

function giveUp(why: string): void {
  console.warn(`isolate.js: this page is not cross-origin isolated, so that flambeau has one thread: ${why}`);
}

function serve(scope: Scope): void {
  const policy = location.search.slice(1);
  scope.addEventListener('install', () => scope.skipWaiting());
  scope.addEventListener('activate', (event) => event.waitUntil(scope.clients.claim()));
  scope.addEventListener('fetch', (event) => {
    const { request } = event;
    // Developers' tools ask like that, and nobody else may.
    if (request.cache === 'only-if-cached' && request.mode !== 'same-origin') return;
    event.respondWith(respond(request, policy));
  });
}

async function respond(request: Request, policy: string): Promise<Response> {
  // What other origins give without asking who wants it must be asked for without cookies.
  const isForeign = request.mode === 'no-cors' && new URL(request.url).origin !== location.origin;
  const response = await fetch(isForeign ? new Request(request, { credentials: 'omit' }) : request);
  // Nobody may look into these.
  if (response.status === 0) return response;
  const { status, statusText, body } = response;
  const headers = new Headers(response.headers);
  headers.set('Cross-Origin-Opener-Policy', 'same-origin');
  headers.set('Cross-Origin-Embedder-Policy', policy);
  headers.set('Cross-Origin-Resource-Policy', 'cross-origin');
  return new Response([204, 205, 304].includes(status) ? null : body, { status, statusText, headers });
}
