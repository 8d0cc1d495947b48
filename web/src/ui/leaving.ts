/** What a page leaves behind, and how it learns that it must. It must never leave anything of anybody to the button that goes
 * back, nor to whoever sits down after. */
import { useEffect } from 'react';
import { desk, Refusal } from '../protocol/http';
import { ends, type Heard, heardOf, NOTHING } from '../state/ended';
import { useStore } from './hooks';

const ASK_MS = 400;

/** For pages without a live line: notices within a second that the session has ended, or that something they may show has.
 * Nothing is read of anybody for it. */
export function useStillHere(onEnded: () => void): void {
  useEffect(() => {
    let over = false;
    let timer = 0;
    let known: Heard = NOTHING;
    const ask = () => {
      desk.ended(known.since).then(
        (said) => {
          const { times } = known;
          known = heardOf(known, said);
          if (known.times !== times && !over) ends.update((n) => n + 1);
        },
        (error: unknown) => {
          if (error instanceof Refusal && error.status === 401 && !over) onEnded();
        },
      ).finally(() => {
        if (!over) timer = window.setTimeout(ask, ASK_MS);
      });
    };
    ask();
    return () => {
      over = true;
      window.clearTimeout(timer);
    };
  }, [onEnded]);
}

/** Grows when something has ended that this page may show: what it read of anybody is read anew. */
export function useEnds(): number {
  return useStore(ends);
}

/** A page that is put aside is emptied first, and begins anew when it is taken up again. */
export function emptiedWhenLeft(empty: () => void): void {
  window.addEventListener('pagehide', empty);
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) window.location.reload();
  });
}
