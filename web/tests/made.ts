/** Frames and rows made up for tests. */
import type { AlertBody, Message, PairFrame, Position, TaskingBody, UnitSight } from '../src/protocol/frames';
import type { Overview, Sight, Whole } from '../src/protocol/http';

export function position(subject: string, t: number, more: Partial<Position> = {}): Position {
  return { subject, t, lon: 127, lat: 37.5, sigma_m: 10, age_s: 0, speed_mps: null, course_deg: null, ...more };
}

export function sight(id: string, more: Partial<Sight> = {}): Sight {
  return {
    id, offender: `${id}-o`, victim: `${id}-v`, offender_label: 'O', victim_label: 'V', priority: 1, dispatch_code: 1,
    status: 'Active', opened_at: 100, code: 'A06', grade: 'live', state: 'DANGER', at: 100, cleared_at: null, article: 'x',
    arrestable: true, regime: 'kr', radius_m: 100, station_name: null, police_agency: 'police', monitoring_agency: 'centre',
    owners: [], ...more,
  };
}

export function overview(...incidents: Sight[]): Overview {
  return { at: 1000, accept_s: 30, own_s: 60, on_scene_s: 420, incidents };
}

export function pair(incident: string, more: Partial<PairFrame> = {}): PairFrame {
  return {
    type: 'pair', incident, at: 100, distance_m: 400, sigma_m: 14, closing_mps: 1.5, trend: 'closing', time_to_contact_s: 200,
    assumed: false, offender_age_s: 1, victim_age_s: 1, ...more,
  };
}

export function alertBody(more: Partial<AlertBody> = {}): AlertBody {
  return {
    alert: 'a1', code: 'A06', code_112: 1, priority: 1, name_ko: '위험', name_en: 'danger', grade: 'live',
    possible_not_proof: true, state: 'DANGER', offender_id: 'i1-o', victim_id: 'i1-v', distance_m: 400, sigma_m: 14,
    time_to_contact_s: 200, at: 100, decided_at: 100, reason: { rule: 'ring' }, order: null, shortfalls: [], ...more,
  };
}

export function tasking(toward: 'victim' | 'offender', more: Partial<TaskingBody> = {}): TaskingBody {
  const known = { t: 90, lon: 127, lat: 37.5, sigma_m: 10, age_s: 10, speed_mps: null, course_deg: null };
  return {
    tasking: 't1', alert: 'a1', code: 'A06', code_112: 1, name_ko: '위험', name_en: 'danger', toward,
    instruction: { ko: '', en: '' }, offender_id: 'i1-o', victim_id: 'i1-v', offender: known, victim: { ...known, lat: 37.6 },
    place: null, possible_not_proof: true, order: { id: 'o', regime: 'kr', article: 'x', arrestable: true }, decided_at: 100,
    accept_by: 130, ...more,
  };
}

export function unit(id: string, more: Partial<UnitSight> = {}): UnitSight {
  return { unit: id, kind: 'police', callsign: id, status: 'available', lon: 127, lat: 37.5, age_s: 1, incident: null, toward: null,
    state: null, distance_m: null, eta_s: null, ...more };
}

export function tasked(id: string, toward: string, at: number, by = id, state = 'tasked'): Whole['taskings'][number] {
  return { id, unit: by, callsign: by, kind: null, toward, state, tasked_at: at, answered_at: null, ended_at: null,
    forsaken_at: null, delivery_state: null, delivered_at: null, reasons: {} };
}

export function whole(more: Partial<Whole> = {}): Whole {
  return {
    id: 'i1', pair: 'p', order: 'o', offender: null, victim: null, priority: 1, dispatch_code: 1, status: 'Active', opened_at: 100,
    closed_at: null, cause: null, response: null, outcome: null, alerts: [], taskings: [], said: [], ...more,
  };
}

type Kinds = Message extends infer M ? (M extends { kind: infer K; body: infer B } ? { kind: K; body: B } : never) : never;

export function message(said: Kinds, incident: string | null = 'i1', seq: number | null = 1): Message {
  return { type: 'message', feed: 'f', seq, at: 100, recorded: seq !== null, incident, ...said } as Message;
}
