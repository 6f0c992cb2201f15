let isAsking = false;

function ask(event: BeforeUnloadEvent): void {
  event.preventDefault();
  // For browsers of before 2023.
  event.returnValue = true;
}

/** Says whether leaving the page now, or reloading it, would lose something: the browser then asks before it does. */
export function askBeforeLeaving(wouldLose: boolean): void {
  if (wouldLose === isAsking) return;
  isAsking = wouldLose;
  // Only while it is needed: pages that listen are not kept for the way back.
  if (wouldLose) addEventListener('beforeunload', ask);
  else removeEventListener('beforeunload', ask);
}
