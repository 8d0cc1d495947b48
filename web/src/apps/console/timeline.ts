/** What happened in an incident, as lines with their times: what the record holds, and what came since it was read. Pure. */
import type { LogBody, Message, PageBody } from '../../protocol/frames';
import type { Whole } from '../../protocol/http';
import { recorded, type Saying } from '../../state/room';
import type { Silence } from '../../state/silence';
import { account, age } from '../../ui/format';
import type { Language, Text } from '../../ui/text';
import { stateName, toward, unitName } from './Taskings';

export interface Line {
  readonly key: string;
  readonly at: number;
  readonly text: string;
  /** What calls for somebody is bold; what a person wrote is set apart from what a machine noted. */
  readonly weight: 'plain' | 'urgent' | 'written';
}

export function lines(
  whole: Whole, said: readonly Saying[], silent: readonly Silence[], agency: string, t: Text, language: Language,
): readonly Line[] {
  const told = messages(whole, said);
  const names = new Map(told.flatMap((message) => (message.kind === 'alert' ? [[message.body.alert, message.body] as const] : [])));
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
  }
  found.push(...silent.flatMap((one) => quiet(one, t)));
  told.forEach((message, place) => {
    const heard = spoken(message, agency, t);
    if (heard) found.push({ ...heard, key: `said:${message.seq ?? `new${place}`}` });
  });
  return found.sort((a, b) => b.at - a.at);
}

/** The record's messages, then those that are newer or not yet in it. */
function messages(whole: Whole, said: readonly Saying[]): readonly Message[] {
  const last = whole.said.at(-1)?.seq ?? 0;
  const before = whole.said.map((one) => recorded(one, whole.id));
  const newer = said.map(({ message }) => message).filter((message) => message.seq === null || message.seq > last);
  return [...before, ...newer];
}

function line(key: string, at: number, text: string): Line {
  return { key, at, text, weight: 'plain' };
}

/** When somebody was last seen, and when again: as this desk was told, second by second. */
function quiet({ side, since, until }: Silence, t: Text): readonly Line[] {
  const who = t.sides[side];
  const began: Line = { ...line(`silent:${side}:${since}`, since, t.events.silent(who)), weight: until === null ? 'urgent' : 'plain' };
  return until === null ? [began] : [began, line(`seen:${side}:${since}`, until, t.events.seenAgain(who, age(t, until - since)))];
}

function spoken(message: Message, agency: string, t: Text): Line | null {
  switch (message.kind) {
    case 'tasking_state': {
      const { callsign, state, reason, at } = message.body;
      return line('', at, t.events.state(callsign, stateName(t, state)) + (reason ? ` · ${whyNot(t, reason)}` : ''));
    }
    case 'page':
      return { ...line('', message.body.at, page(t, message.body, agency)), weight: 'urgent' };
    case 'incident_taken':
      return line('', message.body.at, message.body.agency === agency ? t.events.taken : t.events.takenThere);
    case 'log_entry':
      return { ...line('', message.body.at, `${writer(t, message.body)}: ${message.body.text ?? t.log.withheld}`), weight: 'written' };
    case 'alert':
      return message.recorded ? null : line('', message.at, `${message.body.code} · ${t.events.unrecorded}`);
    default:
      return null;
  }
}

/** Why somebody cannot go: one of the terminal's own reasons, said in this screen's language, or what was typed. */
function whyNot(t: Text, reason: string): string {
  return reason in t.field.rejectReasons ? t.field.rejectReasons[reason as keyof Text['field']['rejectReasons']] : reason;
}

function writer(t: Text, body: LogBody): string {
  return body.name === null ? t.log.otherRoom : account(t, body.name);
}

/** Who opened or was refused whose file: never what stood in it. */
function access(t: Text, { name = '', by, what }: PageBody, agency: string): string {
  const did = typeof what === 'string' && what in t.events.access ? what : 'other';
  return t.events.pages['access-told'](name === '' ? t.events.operator : account(t, name), by === agency) + t.events.access[did as keyof Text['events']['access']];
}

export function page(t: Text, body: PageBody, agency: string): string {
  const pages = t.events.pages;
  if (!(body.why in pages)) return pages.other(body.why);
  if (body.why === 'access-told') return access(t, body, agency);
  return pages[body.why as keyof typeof pages](body.callsign ?? body.code ?? (body.name ? account(t, body.name) : ''), body.agency === agency);
}
