/** Promises of the live line. */
import { describe, expect, test } from 'vitest';
import type { Frame } from '../src/protocol/frames';
import { read } from '../src/protocol/frames';
import { DEAD_MS, LiveLine, LONGEST_REST_MS, type LineState, rest } from '../src/protocol/live';

class Socket {
  static made: Socket[] = [];
  sent: string[] = [];
  binaryType = '';
  onmessage: ((event: { data: string }) => void) | null = null;
  onclose: ((event: { code: number }) => void) | null = null;
  constructor(readonly url: string) {
    Socket.made.push(this);
  }
  send(text: string): void {
    this.sent.push(text);
  }
  close(): void {}
  say(frame: object): void {
    this.onmessage?.({ data: JSON.stringify(frame) });
  }
}

function line() {
  Socket.made = [];
  const timers: { run: () => void; at: number; over: boolean }[] = [];
  const frames: Frame[] = [];
  const states: LineState[] = [];
  let now = 0;
  const made = new LiveLine(
    'ws://desk/api/live',
    { frame: (frame) => frames.push(frame), state: (state) => states.push(state) },
    {
      socket: (url) => new Socket(url) as unknown as WebSocket,
      random: () => 1,
      now: () => now,
      later: (run, ms) => timers.push({ run, at: now + ms, over: false }) - 1,
      never: (handle) => {
        const timer = timers[handle];
        if (timer) timer.over = true;
      },
    },
  );
  const pass = (ms: number) => {
    now += ms;
    for (const timer of timers.filter((one) => !one.over && one.at <= now)) {
      timer.over = true;
      timer.run();
    }
  };
  return { made, frames, states, pass, last: () => Socket.made.at(-1) as Socket };
}

const WELCOME = { type: 'welcome', seq: 4, after: 4, at: 1, open: [] };

describe('the live line', () => {
  test('comes back within two seconds, sooner at first, never all rooms at one moment', () => {
    for (let tries = 0; tries < 20; tries += 1) {
      for (const random of [0, 0.5, 1]) expect(rest(tries, random)).toBeLessThanOrEqual(LONGEST_REST_MS);
    }
    expect(rest(0, 1)).toBeLessThan(rest(3, 1));
    expect(rest(5, 0)).not.toBe(rest(5, 1));
  });

  test('confirms every numbered message and resumes after the last one it has', () => {
    const { made, last, pass, states } = line();
    made.open();
    last().say(WELCOME);
    last().say({ type: 'message', seq: 5, kind: 'page', incident: null, body: {} });
    expect(last().sent).toEqual(['{"type":"ack","seq":5}']);
    last().onclose?.({ code: 1006 });
    expect(states.at(-1)).toBe('cut');
    pass(LONGEST_REST_MS);
    expect(last().url).toBe('ws://desk/api/live?after=5');
  });

  test('a message told before it is recorded has no number and is not confirmed', () => {
    const { made, last, frames } = line();
    made.open();
    last().say(WELCOME);
    last().say({ type: 'message', seq: null, kind: 'page', incident: null, body: {} });
    expect(last().sent).toEqual([]);
    expect(frames).toHaveLength(2);
  });

  test('a socket that says nothing is dead, whatever it believes of itself', () => {
    const { made, last, pass, states } = line();
    made.open();
    last().say(WELCOME);
    pass(DEAD_MS);
    expect(states.at(-1)).toBe('cut');
    pass(LONGEST_REST_MS);
    expect(Socket.made).toHaveLength(2);
  });

  test('whoever is signed out is not called again', () => {
    const { made, last, pass, states } = line();
    made.open();
    last().onclose?.({ code: 4401 });
    expect(states.at(-1)).toBe('signed-out');
    pass(LONGEST_REST_MS);
    expect(Socket.made).toHaveLength(1);
  });

  test('a frame nobody knows is passed over', () => {
    expect(read('{"type":"tomorrow"}')).toBeNull();
    expect(read('nonsense')).toBeNull();
    expect(read('null')).toBeNull();
    expect(read('{"type":"beat","at":1,"facts_age_s":0}')).not.toBeNull();
  });

  test('each word gives the line its whole patience anew, and no more than that', () => {
    const { made, states, pass, last } = line();
    made.open();
    last().say(WELCOME);
    pass(DEAD_MS - 1000);
    last().say({ type: 'beat', at: 2, facts_age_s: 0 });
    pass(1000);
    pass(DEAD_MS - 1001);
    expect(states.at(-1)).toBe('open');
    pass(1);
    expect(states.at(-1)).toBe('cut');
  });
});
