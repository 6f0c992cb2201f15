// Keeps the pages for when there is no network, and isolates them where their server does not, so that WebAssembly has threads. Each request asks the
// network first, so that nobody sees old pages while there is one.
// The build puts the names of the pages' files in the place of `files`, and what they are in the place of `version`.
const version = '';
const files = [];

addEventListener('install', (event) => {
  skipWaiting();
  event.waitUntil(caches.open(version).then((cache) => cache.addAll(files)));
});

addEventListener('activate', (event) => {
  const isOld = (name) => name.startsWith('flambeau ') && name !== version;
  const tidy = async () => {
    for (const name of await caches.keys()) if (isOld(name)) await caches.delete(name);
    await clients.claim();
  };
  event.waitUntil(tidy());
});

addEventListener('fetch', (event) => {
  const { request } = event;
  if (request.method === 'GET' && request.url.startsWith(registration.scope))
    event.respondWith(answer(event).then((response) => isolated(request, response)));
});

async function answer(event) {
  const { request } = event;
  let response;
  try {
    response = await fetch(request);
  } catch (error) {
    const kept = await caches.match(request, { ignoreVary: true });
    if (kept !== undefined) return kept;
    throw error;
  }
  // Images of the sample, too, once they have been used.
  if (response.status === 200) event.waitUntil(keep(request, response.clone()));
  return response;
}

async function keep(request, response) {
  try {
    await (await caches.open(version)).put(request, response);
  } catch {
    // There is no room.
  }
}

/** Documents and workers with the headers that let them share memory: servers of plain files, as GitHub Pages, send none. */
function isolated({ destination }, response) {
  const isProgram = destination === 'document' || destination === 'worker';
  // What redirects, or comes from elsewhere, cannot be read.
  if (!isProgram || response.status !== 200 || response.type === 'opaqueredirect') return response;
  const headers = new Headers(response.headers);
  headers.set('Cross-Origin-Opener-Policy', 'same-origin');
  headers.set('Cross-Origin-Embedder-Policy', 'require-corp');
  return new Response(response.body, { status: 200, headers });
}
