/** Promises of what a closing form suggests. */
import { expect, test } from 'vitest';
import { suggested } from '../src/apps/console/suggesting';
import type { Choices, Whole } from '../src/protocol/http';
import { tasked, whole } from './made';

const CHOICES: Choices = {
  causes: ['real_approach', 'unknown'], responses: ['both_on_scene', 'police_on_scene', 'probation_on_scene', 'none_needed'],
  outcomes: ['apprehended', 'left_before_arrival', 'victim_safe_with_officer'],
};
const raised = (code: string, cleared: number | null = null): Whole['alerts'][number] => ({
  id: code, code, grade: 'live', state: 'DANGER', at: 1, decided_at: 1, recorded_at: 1, cleared_at: cleared,
});
const values = (one: Whole, chosen = {}) => {
  const { cause, response, outcome } = suggested(one, CHOICES, chosen);
  return [cause?.value ?? null, response?.value ?? null, outcome?.value ?? null];
};

test('nothing is suggested of what nobody reported', () => {
  expect(values(whole())).toEqual([null, null, null]);
  expect(values(whole({ alerts: [raised('A11')], taskings: [tasked('t', 'victim', 1, 'P-1', 'en_route')] }))).toEqual([null, null, null]);
});

test('who was on scene is the response, and whoever stands beside her makes her safe', () => {
  const his = tasked('h', 'offender', 1, 'M-1', 'on_scene');
  const hers = tasked('v', 'victim', 1, 'P-1', 'on_scene');
  expect(values(whole({ alerts: [raised('A06')], taskings: [his, hers] }))).toEqual(['real_approach', 'both_on_scene', 'victim_safe_with_officer']);
  expect(values(whole({ taskings: [hers] }))[1]).toBe('police_on_scene');
  expect(values(whole({ taskings: [his] })).slice(1)).toEqual(['probation_on_scene', null]);
});

test('an apprehension suggests whoever was there as its response, and never itself', () => {
  const one = whole({ taskings: [tasked('h', 'offender', 1, 'M-1', 'on_scene')] });
  expect(suggested(one, CHOICES, { outcome: 'apprehended' }).response).toEqual({ value: 'probation_on_scene', from: 'apprehended', what: 'M-1' });
  expect(values(one, { outcome: 'apprehended' })[2]).not.toBe('apprehended');
});

test('a unit that is done was there only if it said so', () => {
  const done = tasked('v', 'victim', 1, 'P-1', 'cleared');
  const said = [{ seq: 1, at: 1, kind: 'tasking_state', body: { tasking: 'v', state: 'on_scene' } }];
  expect(values(whole({ taskings: [done] }))[1]).toBeNull();
  expect(values(whole({ taskings: [done], said }))[1]).toBe('police_on_scene');
});

test('he left before arrival where every alert has cleared and nobody was there; what the desk does not take is not suggested', () => {
  expect(values(whole({ alerts: [raised('A06', 9)] }))[2]).toBe('left_before_arrival');
  expect(values(whole({ alerts: [raised('A06', 9), raised('A02')] }))[2]).toBeNull();
  expect(suggested(whole({ alerts: [raised('A06', 9)] }), { ...CHOICES, outcomes: [] }, {}).outcome).toBeNull();
});
