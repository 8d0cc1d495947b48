/** The register's rows, newest first, continued where they ended. It must never mix the rows of two filters. */
import { useCallback, useEffect, useState } from 'react';
import { desk, type Look } from '../../protocol/http';
import { type DeskClock, heard, localNow, UNSET } from '../../state/time';
import { type Reading, refusal } from '../../ui/useReading';

export type Filter = { readonly of: 'account' | 'subject'; readonly id: string } | null;

const PAGE = 50;

function asked(filter: Filter, before: string | null): Record<string, string> {
  return { limit: String(PAGE), ...(filter ? { [filter.of]: filter.id } : {}), ...(before ? { before } : {}) };
}

export interface Register {
  readonly reading: Reading<readonly Look[]>;
  readonly next: string | null;
  /** Desk time by the last look at everything, which is on the register as its newest row. */
  readonly clock: DeskClock;
  readonly more: () => void;
}

export function useRegister(filter: Filter, times: number): Register {
  const [reading, setReading] = useState<Reading<readonly Look[]>>({ state: 'loading' });
  const [before, setBefore] = useState<string | null>(null);
  const [next, setNext] = useState<string | null>(null);
  const [clock, setClock] = useState(UNSET);
  useEffect(() => {
    setBefore(null);
    setReading({ state: 'loading' });
  }, [filter, times]);
  useEffect(() => {
    let over = false;
    desk.register(asked(filter, before)).then(
      ({ looks, next: on }) => {
        if (over) return;
        setReading((now) => ({ state: 'ready', value: before !== null && now.state === 'ready' ? [...now.value, ...looks] : looks }));
        setNext(on);
        const newest = looks[0];
        if (filter === null && before === null && newest) setClock(heard(newest.at, localNow()));
      },
      (error: unknown) => (over ? undefined : setReading({ state: refusal(error) })),
    );
    return () => {
      over = true;
    };
  }, [filter, times, before]);
  return { reading, next, clock, more: useCallback(() => setBefore(next), [next]) };
}
