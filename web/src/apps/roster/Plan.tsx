/** Planning a shift, for registrars. It must never plan by this machine's own clock: times are Seoul's, as on every screen. */
import { Button, Checkbox, NativeSelect, TextInput } from '@mantine/core';
import type { FormEvent } from 'react';
import { desk, type Roster } from '../../protocol/http';
import { account, roleName } from '../../ui/format';
import { useText } from '../../ui/text';
import { field, typed } from '../../ui/times';
import { useDoing } from '../../ui/useDoing';

const HOUR_S = 3600;
const SHIFT_H = 12;
const ROSTERED = ['dispatcher', 'monitor', 'police_officer', 'probation_officer'];

export function Plan({ roster, onDone }: { readonly roster: Roster; readonly onDone: () => void }) {
  const { t } = useText();
  const { plan } = t.roster;
  const doing = useDoing(t, onDone, t.roster.refusals.overlap);
  const hour = Math.ceil(roster.at / HOUR_S) * HOUR_S;
  const staff = roster.staff.filter((one) => ROSTERED.includes(one.role));

  function submit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    const form = new FormData(event.currentTarget);
    const [from, until] = [typed(String(form.get('from'))), typed(String(form.get('until')))];
    if (from === null || until === null) return;
    const station = String(form.get('station'));
    const shift = { account: String(form.get('account')), from, until, station: station === '' ? null : station, lead: form.get('lead') !== null };
    doing.run(() => desk.planShift(shift).then(() => plan.done));
  }

  return (
    <section className="r-part" aria-labelledby="r-plan" data-testid="plan">
      <h2 id="r-plan">{plan.title}</h2>
      <form className="r-form" onSubmit={submit}>
        <NativeSelect name="account" label={plan.who} data={staff.map((one) => ({ value: one.account, label: `${account(t, one.name)} · ${roleName(t, one.role)}` }))} />
        <TextInput name="from" type="datetime-local" label={plan.from} required defaultValue={field(hour)} />
        <TextInput name="until" type="datetime-local" label={plan.until} required defaultValue={field(hour + SHIFT_H * HOUR_S)} />
        <NativeSelect name="station" label={plan.station} data={[{ value: '', label: plan.anywhere }, ...roster.stations.map((one) => ({ value: one.id, label: one.name }))]} />
        <Checkbox name="lead" label={plan.lead} mb="xs" />
        <Button type="submit" className="j-main" loading={doing.busy}>{plan.go}</Button>
      </form>
      {doing.said ? <p className={doing.refused ? 'j-error' : 'r-said'} role={doing.refused ? 'alert' : 'status'}>{doing.said}</p> : null}
    </section>
  );
}
