/** Three large buttons for a thumb in a glove; what cannot be taken back asks once more. */
import { useEffect, useState } from 'react';
import type { FieldLink } from '../../state/fieldLink';
import type { Task } from '../../state/field';
import { useText } from '../../ui/text';
import { buttonsOf, type Press } from './buttons';

const SURE_MS = 5000;
const REASONS = ['occupied', 'tooFar', 'vehicle', 'conflict'] as const;

export function Buttons({ task, link }: { readonly task: Task; readonly link: FieldLink }) {
  const { t } = useText();
  const [refusing, setRefusing] = useState(false);
  if (refusing) {
    return (
      <section className="f-buttons" aria-label={t.field.rejectTitle}>
        <h2>{t.field.rejectTitle}</h2>
        {REASONS.map((why) => (
          <button key={why} type="button" className="f-reason" onClick={() => link.report('rejected', t.tasking.rejected, t.field.rejectReasons[why])}>
            {t.field.rejectReasons[why]}
          </button>
        ))}
        <button type="button" className="f-reason" onClick={() => setRefusing(false)}>{t.field.back}</button>
      </section>
    );
  }
  return (
    <section className="f-buttons">
      {buttonsOf(task.state).map((press, place) =>
        press === 'help' ? (
          <Help key={press} link={link} />
        ) : (
          <Step key={press} press={press} main={place === 0} onPress={() => (press === 'reject' ? setRefusing(true) : link.report(press, t.field[labelOf(press)]))} />
        ),
      )}
    </section>
  );
}

function labelOf(press: Exclude<Press, 'help' | 'reject'>): 'accept' | 'en_route' | 'on_scene' | 'cleared' {
  return press === 'accepted' ? 'accept' : press;
}

function Step({ press, main, onPress }: { readonly press: Exclude<Press, 'help'>; readonly main: boolean; readonly onPress: () => void }) {
  const { t } = useText();
  return (
    <button type="button" className="f-button" data-main={main} data-press={press} onClick={onPress}>
      {press === 'reject' ? t.field.reject : t.field[labelOf(press)]}
    </button>
  );
}

type Calling = 'no' | 'sure' | 'called';

function Help({ link }: { readonly link: FieldLink }) {
  const { t } = useText();
  const [calling, setCalling] = useState<Calling>('no');
  useEffect(() => {
    if (calling === 'no') return;
    const timer = window.setTimeout(() => setCalling('no'), SURE_MS);
    return () => window.clearTimeout(timer);
  }, [calling]);
  const press = () => {
    if (calling === 'sure') {
      link.help(t.field.help);
      setCalling('called');
    } else setCalling('sure');
  };
  return (
    <button type="button" className="f-button f-help" data-calling={calling} data-press="help" onClick={press} aria-live="polite">
      {calling === 'sure' ? t.field.helpSure : calling === 'called' ? t.field.helpSent : t.field.help}
    </button>
  );
}
