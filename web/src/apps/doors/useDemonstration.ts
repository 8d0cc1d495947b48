/** The doors of a demonstration, read anew while the page is open: each opens once and only for minutes. */
import { useCallback, useEffect, useState } from 'react';
import { desk, Refusal } from '../../protocol/http';
import { doorCode } from '../../ui/routes';
import { type Demonstration, read } from './door';

const EVERY_MS = 5000;

export interface Shown {
  readonly demonstration: Demonstration | null;
  /** Doors are there and are not shown here without the code that was printed at the machine itself. */
  readonly hidden: boolean;
  readonly begin: () => void;
}

export function useDemonstration(): Shown {
  const [demonstration, setDemonstration] = useState<Demonstration | null>(null);
  const [hidden, setHidden] = useState(false);
  const look = useCallback(async (): Promise<boolean> => {
    try {
      setDemonstration(read(await desk.doors(doorCode())));
      return true;
    } catch (error) {
      setHidden(error instanceof Refusal && error.status === 403);
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
    desk.morning(doorCode()).then(look, look).catch(() => undefined);
  }, [look]);
  return { demonstration, hidden, begin };
}
