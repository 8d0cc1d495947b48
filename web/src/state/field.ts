/** What an officer's terminal knows: one order at a time, and only the side it goes to. It must never keep a position of
 * the other side, nor anything of an incident that has ended: a phone is seen by whoever stands beside it. */
import type { Frame, Message, Position, TaskingBody, TaskingState, Withheld } from '../protocol/frames';

/** The 112 code before and now, and since when. */
export interface Raised {
  readonly from: number | null;
  readonly to: number;
  readonly at: number;
}

export interface Task {
  readonly incident: string | null;
  readonly recorded: boolean;
  readonly body: Omit<TaskingBody, 'offender' | 'victim' | 'raised'>;
  readonly state: TaskingState;
  readonly at: number;
  readonly raised: Raised | null;
}

export interface Field {
  readonly task: Task | null;
  readonly waiting: readonly Task[];
  readonly target: Position | null;
  readonly ended: { readonly why: 'closed' | TaskingState; readonly at: number } | null;
}

export const IDLE: Field = { task: null, waiting: [], target: null, ended: null };

const OVER: ReadonlySet<TaskingState> = new Set(['cleared', 'rejected', 'superseded']);

export function reduce(field: Field, frame: Frame): Field {
  switch (frame.type) {
    case 'welcome':
      // Who may be followed still is sent again at once.
      return frame.open.reduce(hear, { ...field, target: null });
    case 'message':
      return hear(field, frame);
    case 'target':
      return field.task?.incident === frame.incident
        ? { ...field, target: newer(field.target, frame.positions.find((one) => one.subject === targetOf(field.task))) }
        : field;
    case 'withheld':
      return withheld(field, frame);
    default:
      return field;
  }
}

/** What it may know no longer goes at once: the place, or the whole order. */
function withheld(field: Field, { incidents, positions, at }: Withheld): Field {
  const left = incidents.reduce((held, incident) => closed(held, incident, at), field);
  return left.target !== null && positions.includes(left.target.subject) ? { ...left, target: null } : left;
}

/** Whom the task leads to; null for a guarded place, which the room names by voice. */
export function targetOf(task: Task | null): string | null {
  if (task?.body.toward === 'victim') return task.body.victim_id;
  return task?.body.toward === 'offender' ? task.body.offender_id : null;
}

/** The task with a state the officer has just pressed, before the desk has heard it. */
export function pressed(field: Field, state: TaskingState, at: number): Field {
  if (!field.task) return field;
  return OVER.has(state) ? end(field, state, at) : { ...field, task: { ...field.task, state } };
}

/** What the record holds of a step taken before this page was opened; what was pressed since is newer. */
export function recovered(field: Field, tasking: string, state: TaskingState): Field {
  const { task } = field;
  if (task?.body.tasking !== tasking || task.state !== 'tasked' || OVER.has(state)) return field;
  return { ...field, task: { ...task, state } };
}

function hear(field: Field, message: Message): Field {
  switch (message.kind) {
    case 'tasking':
      return ordered(field, message.incident, message.recorded, message.body, message.at);
    case 'tasking_state':
      return moved(field, message.body.tasking, message.body.state, message.at);
    case 'incident_closed':
      return closed(field, message.incident, message.at);
    default:
      return field;
  }
}

function ordered(field: Field, incident: string | null, recorded: boolean, body: TaskingBody, at: number): Field {
  const { offender, victim, raised, ...rest } = body;
  const known = field.task?.body.tasking === body.tasking ? field.task : null;
  const task: Task = {
    incident, recorded, body: rest, state: known?.state ?? 'tasked', at: known?.at ?? at,
    raised: raised ? { ...raised, at } : (known?.raised ?? null),
  };
  if (field.task && !known) {
    return { ...field, waiting: [...field.waiting.filter((one) => one.body.tasking !== body.tasking), task] };
  }
  const last = body.toward === 'victim' ? victim : body.toward === 'offender' ? offender : null;
  const subject = targetOf(task);
  const target = last && subject ? newer(known ? field.target : null, { ...last, subject }) : null;
  return { ...field, task, target, ended: null };
}

function moved(field: Field, tasking: string, state: TaskingState, at: number): Field {
  if (field.task?.body.tasking !== tasking) {
    return OVER.has(state) ? { ...field, waiting: field.waiting.filter((one) => one.body.tasking !== tasking) } : field;
  }
  return OVER.has(state) ? end(field, state, at) : { ...field, task: { ...field.task, state } };
}

function closed(field: Field, incident: string | null, at: number): Field {
  const waiting = field.waiting.filter((one) => one.incident !== incident);
  return field.task?.incident === incident ? end({ ...field, waiting }, 'closed', at) : { ...field, waiting };
}

function end(field: Field, why: 'closed' | TaskingState, at: number): Field {
  const [next, ...waiting] = field.waiting;
  return { task: next ?? null, waiting, target: null, ended: { why, at } };
}

function newer(held: Position | null, said: Position | undefined): Position | null {
  if (!said) return held;
  return held && held.subject === said.subject && held.t >= said.t ? held : said;
}
