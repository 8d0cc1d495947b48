/** What happened in an incident, as lines with their times: the record's, and what was heard since this page opened. Pure. */
import type { Message, PageBody } from '../../protocol/frames';
import type { Whole } from '../../protocol/http';
import type { Saying } from '../../state/room';
import type { Language, Text } from '../../ui/text';
import { stateName, toward, unitName } from './Taskings';

export interface Line {
  readonly key: string;
  readonly at: number;
  readonly text: string;
  readonly urgent: boolean;
}

export function lines(whole: Whole, said: readonly Saying[], t: Text, language: Language): readonly Line[] {
  const names = new Map(said.flatMap(({ message }) => (message.kind === 'alert' ? [[message.body.alert, message.body] as const] : [])));
  const found: Line[] = [line('opened', whole.opened_at, t.events.opened)];
  for (const alert of whole.alerts) {
    const body = names.get(alert.id);
    const name = body ? (language === 'ko' ? body.name_ko : body.name_en) : '';
    found.push(line(`alert:${alert.id}`, alert.decided_at, t.events.raised(alert.code, name)));
    if (alert.cleared_at !== null) found.push(line(`cleared:${alert.id}`, alert.cleared_at, t.events.clearedAlert(alert.code)));
  }
  for (const one of whole.taskings) {
    found.push(line(`tasked:${one.id}`, one.tasked_at, t.events.tasked(unitName(t, one), toward(t, one.toward))));
    if (one.delivered_at !== null) found.push(line(`delivered:${one.id}`, one.delivered_at, t.events.delivered(unitName(t, one))));
    if (one.answered_at !== null && !heardAnswer(said, one.id)) {
      found.push(line(`state:${one.id}`, one.answered_at, t.events.state(unitName(t, one), stateName(t, one.state))));
    }
  }
  said.forEach(({ message }, place) => {
    const told = heard(message, t);
    if (told) found.push({ ...told, key: `said:${message.seq ?? place}` });
  });
  return found.sort((a, b) => b.at - a.at);
}

function line(key: string, at: number, text: string): Line {
  return { key, at, text, urgent: false };
}

function heardAnswer(said: readonly Saying[], tasking: string): boolean {
  return said.some(({ message }) => message.kind === 'tasking_state' && message.body.tasking === tasking);
}

function heard(message: Message, t: Text): Line | null {
  switch (message.kind) {
    case 'tasking_state': {
      const { callsign, state, reason, at } = message.body;
      return line('', at, t.events.state(callsign, stateName(t, state)) + (reason ? ` · ${reason}` : ''));
    }
    case 'page':
      return { ...line('', message.body.at, page(t, message.body)), urgent: true };
    case 'incident_taken':
      return line('', message.body.at, t.events.taken);
    case 'alert':
      return message.recorded ? null : line('', message.at, `${message.body.code} · ${t.events.unrecorded}`);
    default:
      return null;
  }
}

export function page(t: Text, body: PageBody): string {
  const pages = t.events.pages;
  return body.why in pages ? pages[body.why as keyof typeof pages](body.callsign ?? '') : pages.other(body.why);
}
