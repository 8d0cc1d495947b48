/** What sounds on this desk: everything nobody here has owned or muted. */
import { useCallback, useEffect, useMemo, useState } from 'react';
import type { Row } from '../../state/queue';
import { deskNow, type DeskClock, FROZEN_S, localNow, silence } from '../../state/time';
import { useEachSecond } from '../../ui/hooks';
import { Sounds, type Sounding } from '../../ui/sound';
import { left, type Mutes } from './mutes';

export interface Sound {
  readonly works: boolean;
  readonly test: () => void;
}

export function useSound(rows: readonly Row[], mutes: Mutes, clock: DeskClock): Sound {
  const sounds = useMemo(() => new Sounds(), []);
  const [works, setWorks] = useState(false);
  useEffect(() => {
    // Whoever has just signed in has touched the page: often sound works without a test.
    void sounds.wake().then(setWorks);
    return () => sounds.stop();
  }, [sounds]);
  const sound = useCallback((local: number) => {
    const now = deskNow(clock, local);
    const sounding: Sounding[] = rows
      .filter((row) => !row.owned && row.sight.cleared_at === null && left(mutes, row.sight.id, now) === null)
      .map((row): Sounding => ({ incident: row.sight.id, priority: row.sight.priority, unowned: now - row.sight.opened_at }));
    // A silent desk is something to hear as well: whoever looks elsewhere must turn round.
    const silent = silence(clock, local) ?? 0;
    if (silent > FROZEN_S) sounding.push({ incident: '', priority: 2, unowned: silent });
    sounds.tick(sounding, local);
    setWorks(sounds.working);
  }, [sounds, rows, mutes, clock]);
  useEffect(() => sound(Math.floor(localNow())), [sound]);
  useEachSecond(sound);
  const test = useCallback(() => void sounds.test().then(setWorks), [sounds]);
  return { works, test };
}
