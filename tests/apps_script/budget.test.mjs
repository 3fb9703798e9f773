import assert from 'node:assert/strict';
import test from 'node:test';
import { json, quiet, visit, world } from './world.mjs';

const SEND = 'Gửi webhook';
const SAVING = /^Google sắp hết lượt chạy trong ngày/;
const spent = (w, facts) => w.services.PropertiesService.getScriptProperties()
  .setProperty('CDP_SPENT', JSON.stringify({ day: Math.floor(w.now / 86400000), calls: 0, ms: 0, ...facts }));

test('network calls and trigger time are counted', () => {
  const w = world();
  w.server = (body) => { w.now += 4000; return json(200, { results: body.rows.map((row) => ({ ...row, accepted: true, status: 'Đã gửi' })) }); };
  w.type(2, SEND, 'Đã gửi');
  w.sweep();
  assert.equal(w.pulses[0].body.calls_left, 20000 - 1);
  const { calls, ms } = JSON.parse(w.kept().CDP_SPENT);
  assert.deepEqual([calls, ms], [2, 4000]);
});

for (const facts of [{ calls: 19500 }, { ms: 80 * 60000 }]) {
  test(`near the end of the day rows leave together, by every other sweep, and this is said: ${Object.keys(facts)}`, () => {
    const w = world();
    w.now = Math.ceil(w.now / 600000) * 600000;
    spent(w, facts);
    w.type(2, SEND, 'Đã gửi');
    w.fire('ON_CHANGE', { changeType: 'OTHER' });
    assert.deepEqual([w.calls.length, w.status(2)], [0, 'Đang gửi…']);
    assert.match(w.toasts[0], SAVING);
    w.now += 300000;
    assert.equal(w.sweep(), 0);
    w.now += 300000;
    assert.equal(w.sweep(), 1);
    assert.match(w.pulses[0].body.problems[0], SAVING);
    assert.match(w.grid.note(1, w.column('Trạng thái gửi Webhook')), /Google sắp hết/);
    w.now += 86400000;
    w.type(3, SEND, 'Đã gửi');
    assert.equal(w.status(3), 'Đã gửi');
  });
}

test('a person who asks is served even then, without retries', () => {
  const w = world({ rows: [visit(1, 'Đã gửi')], server: json(503, {}) });
  spent(w, { calls: 19500 });
  w.context.resendWaiting();
  assert.equal(w.calls.length, 1);
});

test('what other scripts used up is learnt from Google’s own words', () => {
  const w = world();
  w.server = () => { throw new Error('Exception: Service invoked too many times for one day: urlfetch.'); };
  w.type(2, SEND, 'Đã gửi');
  assert.equal(w.calls.length, 1);
  assert.match(w.status(2), /^Chưa gửi được: Google đã hết lượt gọi mạng hôm nay/);
  w.type(3, SEND, 'Đã gửi');
  assert.deepEqual([w.calls.length, w.status(3)], [1, 'Đang gửi…']);
});

test('a server that keeps us waiting does not carry a run past its end', () => {
  const w = world({ server: () => { w.now += 60000; return json(503, {}); } });
  w.type(2, SEND, 'Đã gửi');
  assert.ok(w.calls.length <= 5);
  const slow = world({ rows: Array.from({ length: 1500 }, (_, i) => visit(i, 'Đã gửi')) });
  const began = slow.now;
  slow.server = () => { slow.now += 100000; return json(503, {}); };
  slow.pulse = () => { slow.now += 60000; return json(200, quiet); };
  slow.sweep();
  assert.ok(slow.now - began < 360000, `${(slow.now - began) / 1000} s`);
});

test('nothing large is kept in the properties', () => {
  const w = world({ rows: Array.from({ length: 2000 }, (_, i) => visit(i, 'Đã gửi')) });
  w.sweep();
  Object.values(w.kept()).forEach((value) => assert.ok(value.length < 300, value));
});
