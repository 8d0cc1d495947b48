/** Large buttons for a thumb in a glove, each step in one place for good. It must never hold one that ends the order. */
import { useEffect, useState } from 'react';
import type { FieldLink } from '../../state/fieldLink';
import type { Task } from '../../state/field';
import { useText } from '../../ui/text';
import { placesOf, type Step } from './buttons';
import { useSettled } from './useSettled';

const SURE_MS = 5000;

export function Buttons({ task, link }: { readonly task: Task; readonly link: FieldLink }) {
  const { t } = useText();
  const settled = useSettled(task.state);
  const places = placesOf(task.state);
  const main = places.findIndex((one) => one?.open);
  const labels: Readonly<Record<Step, string>> = { accepted: t.field.accept, en_route: t.field.en_route, on_scene: t.field.on_scene };
  return (
    <section className="f-buttons">
      {places.map((place, at) => {
        if (place === null) return <div key={at} className="f-place" aria-hidden="true" />;
        const { step, open } = place;
        if (!open) return <p key={at} className="f-place">✓ {labels[step]}</p>;
        return (
          <button
            key={at} type="button" className="f-button" data-main={at === main} data-press={step} disabled={!settled}
            onClick={() => link.report(step, labels[step])}
          >
            {labels[step]}
          </button>
        );
      })}
      <Help link={link} />
    </section>
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
