/** What a page leaves behind, and how it learns that it must. It must never leave anything of anybody to the button that goes
 * back, nor to whoever sits down after. */
import { useEffect } from 'react';
import { desk, Refusal } from '../protocol/http';

const ASK_MS = 400;

/** For pages without a live line: notices within a second that the session has ended. Nothing is read of anybody for it. */
export function useStillHere(onEnded: () => void): void {
  useEffect(() => {
    let over = false;
    let timer = 0;
    const ask = () => {
      desk.me().then(
        () => undefined,
        (error: unknown) => {
          if (error instanceof Refusal && error.status === 401 && !over) onEnded();
        },
      ).finally(() => {
        if (!over) timer = window.setTimeout(ask, ASK_MS);
      });
    };
    timer = window.setTimeout(ask, ASK_MS);
    return () => {
      over = true;
      window.clearTimeout(timer);
    };
  }, [onEnded]);
}

/** A page that is put aside is emptied first, and begins anew when it is taken up again. */
export function emptiedWhenLeft(empty: () => void): void {
  window.addEventListener('pagehide', empty);
  window.addEventListener('pageshow', (event) => {
    if (event.persisted) window.location.reload();
  });
}
