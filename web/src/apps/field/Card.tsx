/** The order in three facts: what happened, whether its breach allows an arrest, how sure it is. */
import type { ReactNode } from 'react';
import type { Task } from '../../state/field';
import { metres } from '../../ui/format';
import { useText } from '../../ui/text';

export function Card({ task, children }: { readonly task: Task; readonly children: ReactNode }) {
  const { t, language } = useText();
  const { body } = task;
  const { arrestable } = body.order;
  return (
    <section className="f-card">
      <span><strong>{body.code}</strong> {language === 'ko' ? body.name_ko : body.name_en}</span>
      {body.possible_not_proof ? <span>{t.incident.notProof}</span> : null}
      <strong>{arrestable === null ? t.field.arrestUnknown : arrestable ? t.field.arrest : t.field.noArrest}</strong>
      {body.toward === 'offender' && typeof body.within_m === 'number' ? <span>{t.field.within(metres(t, body.within_m))}</span> : null}
      {task.recorded ? null : <span className="f-flag">{t.field.unrecorded}</span>}
      <span className="f-state">{t.field.state}: <strong>{t.tasking[task.state]}</strong></span>
      {children}
    </section>
  );
}
