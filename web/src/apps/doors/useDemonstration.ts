/** The doors of a demonstration, read anew while the page is open: each opens once and only for minutes. */
import { useCallback, useEffect, useState } from 'react';
import { desk, Refusal } from '../../protocol/http';
import { type Demonstration, read } from './door';

const EVERY_MS = 5000;

/** Shown at the machine itself, or with the code that was printed there. */
function code(): string {
  return new URLSearchParams(window.location.search).get('code') ?? '';
}

export function useDemonstration(): { readonly demonstration: Demonstration | null; readonly begin: () => void } {
  const [demonstration, setDemonstration] = useState<Demonstration | null>(null);
  const look = useCallback(async (): Promise<boolean> => {
    try {
      setDemonstration(read(await desk.doors(code())));
      return true;
    } catch (error) {
      // Where people are real there are no doors: asked once, not again.
      return !(error instanceof Refusal && error.status >= 400 && error.status < 500);
    }
  }, []);
  useEffect(() => {
    let timer = 0;
    let over = false;
    const again = () => {
      void look().then((worth) => {
        if (worth && !over) timer = window.setTimeout(again, EVERY_MS);
      });
    };
    again();
    return () => {
      over = true;
      window.clearTimeout(timer);
    };
  }, [look]);
  const begin = useCallback(() => {
    desk.morning(code()).then(look, look).catch(() => undefined);
  }, [look]);
  return { demonstration, begin };
}
