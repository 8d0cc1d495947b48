/** What somebody is told who is off duty or whose training has lapsed. It must never stand in the way of anything. */
import { Button } from '@mantine/core';
import { useEffect, useState } from 'react';
import { duty, readDuty } from '../state/duty';
import { useStore } from './hooks';
import { useText } from './text';

const EVERY_MS = 60_000;

export function DutyBand({ me }: { readonly me: string }) {
  const { t } = useText();
  const own = useStore(duty);
  const [read, setRead] = useState('');
  useEffect(() => {
    void readDuty();
    const timer = window.setInterval(() => void readDuty(), EVERY_MS);
    return () => {
      window.clearInterval(timer);
      duty.set(null);
    };
  }, [me]);
  const off = own?.state === 'off';
  const lapsed = (own?.lapsed.length ?? 0) > 0;
  if (!off && !lapsed) return null;
  const said = off && lapsed ? t.roster.warn.both : off ? t.roster.warn.off : t.roster.warn.lapsed;
  if (said === read) return null;
  return (
    <div className="j-band" role="alert" data-testid="duty-band">
      <span>{said}</span>
      <Button variant="default" size="compact-md" onClick={() => setRead(said)}>{t.roster.warn.close}</Button>
    </div>
  );
}
