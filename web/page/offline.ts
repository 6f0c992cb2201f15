let isAsked = false;

/**
 * Lets the browser keep the pages for when there is no network (../offline/service_worker.js, which is there where the pages were built). The library is to
 * be there first: what is kept is then not fetched beside it.
 */
export function keepForOffline(): void {
  if (isAsked || import.meta.env.MODE !== 'production' || !('serviceWorker' in navigator)) return;
  isAsked = true;
  navigator.serviceWorker.register('./service_worker.js').catch(() => {
    // It is a convenience, which private windows and pages from other machines without https do not have.
  });
}
