/** A destruction's steps in a row, each with its date or what it waits for. It must never say a step by colour alone. */
import type { Destruction } from '../protocol/http';
import { date } from './format';
import { Shape } from './Shape';
import { type Stepped, steps } from './steps';
import { type Text, useText } from './text';

const SHAPES = { done: 'tick', now: 'half', later: 'ring', refused: 'struck' } as const;

function word({ destructions: said }: Text['asked'], step: Stepped): string {
  if (step.state !== 'refused') return said.steps[step.step];
  return step.step === 'inquired' ? said.denied : said.dropped;
}

function when({ destructions: said }: Text['asked'], step: Stepped, one: Destruction): string {
  if (step.at !== null) return date(step.at);
  if (step.step === 'held' && one.held_until !== null) return said.heldUntil(date(one.held_until));
  return step.state === 'now' ? said.now : said.notYet;
}

export function Steps({ one, now }: { readonly one: Destruction; readonly now: number }) {
  const { t } = useText();
  return (
    <ol className="j-steps">
      {steps(one, now).map((step) => (
        <li key={step.step} data-state={step.state}>
          <Shape name={SHAPES[step.state]} size={14} /> {word(t.asked, step)}
          <small className="j-num">{when(t.asked, step, one)}</small>
        </li>
      ))}
    </ol>
  );
}
