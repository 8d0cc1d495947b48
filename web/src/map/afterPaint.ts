/** Work that is not done in the frame that asked for it. It must never be the last to know: it sees what is so when it runs. */
import { useCallback, useRef } from 'react';

/** Asks for `run` once the browser has drawn what it has now; asked often before that, it runs once. */
export function useAfterPaint(run: () => void): () => void {
  const held = useRef(run);
  held.current = run;
  const asked = useRef(false);
  return useCallback(() => {
    if (asked.current) return;
    asked.current = true;
    window.requestAnimationFrame(() => window.setTimeout(() => {
      asked.current = false;
      held.current();
    }));
  }, []);
}
