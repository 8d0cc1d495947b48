/** What a closing might say, from what happened. Pure; it must never say what nobody reported, and it decides nothing. */
import type { Choices, Whole } from '../../protocol/http';

export type Field = 'cause' | 'response' | 'outcome';

/** What could be said, and from what that is told; null where nothing tells it. */
export interface Suggestion {
  readonly value: string;
  /** A sentence of the dictionary, and what stands in it. */
  readonly from: 'alerts' | 'scene' | 'victim' | 'cleared' | 'apprehended';
  readonly what: string;
}

/** Rings, ways and contact: he came near. A doubt, a silence or a device's fault is no approach. */
const APPROACHES: ReadonlySet<string> = new Set(['A02', 'A03', 'A06', 'A10']);

export function suggested(whole: Whole, choices: Choices, chosen: Partial<Record<Field, string>>): Readonly<Record<Field, Suggestion | null>> {
  const offered = (field: keyof Choices, one: Suggestion | null) => (one && choices[field].includes(one.value) ? one : null);
  return {
    cause: offered('causes', cause(whole)),
    response: offered('responses', response(whole, chosen.outcome === 'apprehended')),
    outcome: offered('outcomes', outcome(whole)),
  };
}

/** Who reported being there, once each, whether or not still there. */
function there(whole: Whole): Whole['taskings'] {
  return whole.taskings.filter((one) => one.state === 'on_scene' || (one.state === 'cleared' && reported(whole, one.id)));
}

/** A closed incident clears its taskings by itself: only what an officer said counts. */
function reported(whole: Whole, tasking: string): boolean {
  return whole.said.some(({ kind, body }) => kind === 'tasking_state' && body.tasking === tasking && body.state === 'on_scene');
}

function cause(whole: Whole): Suggestion | null {
  const near = [...new Set(whole.alerts.map((one) => one.code))].filter((code) => APPROACHES.has(code)).sort();
  return near.length > 0 ? { value: 'real_approach', from: 'alerts', what: near.join(', ') } : null;
}

function response(whole: Whole, apprehended: boolean): Suggestion | null {
  const came = there(whole);
  const kinds = new Set(came.map((one) => (one.toward === 'offender' ? 'probation' : 'police')));
  const what = came.map((one) => one.callsign ?? '').filter(Boolean).join(', ');
  if (kinds.size === 0) return null;
  const value = kinds.size === 2 ? 'both_on_scene' : kinds.has('police') ? 'police_on_scene' : 'probation_on_scene';
  return { value, from: apprehended ? 'apprehended' : 'scene', what };
}

function outcome(whole: Whole): Suggestion | null {
  const beside = there(whole).find((one) => one.toward === 'victim');
  if (beside) return { value: 'victim_safe_with_officer', from: 'victim', what: beside.callsign ?? '' };
  const over = whole.alerts.length > 0 && whole.alerts.every((one) => one.cleared_at !== null);
  return over && there(whole).length === 0 ? { value: 'left_before_arrival', from: 'cleared', what: '' } : null;
}
