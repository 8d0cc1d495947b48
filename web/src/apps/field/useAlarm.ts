/** The phone's sound: an order nobody has answered sounds, louder with time; one that became graver sounds for a while. */
import { useEffect, useMemo, useState } from 'react';
import type { Task } from '../../state/field';
import { deskNow, type DeskClock } from '../../state/time';
import { useLocalSecond } from '../../ui/hooks';
import { Sounds } from '../../ui/sound';

const RAISED_S = 20;

export interface Alarm {
  /** Whether a sound would be heard. */
  readonly works: boolean;
  readonly test: () => void;
}

export function useAlarm(task: Task | null, clock: DeskClock): Alarm {
  const sounds = useMemo(() => new Sounds(), []);
  const [works, setWorks] = useState(false);
  const second = useLocalSecond();
  useEffect(() => {
    void sounds.wake().then(setWorks);
    return () => sounds.stop();
  }, [sounds]);
  const now = deskNow(clock, second);
  const raised = task?.raised && now - task.raised.at < RAISED_S ? task.raised : null;
  const since = task?.state === 'tasked' ? task.at : raised?.at;
  useEffect(() => {
    sounds.tick(since === undefined ? [] : [{ incident: '', priority: 0, unowned: now - since }], second);
    setWorks(sounds.working);
  }, [sounds, since, now, second]);
  return { works, test: () => void sounds.test().then(setWorks) };
}
