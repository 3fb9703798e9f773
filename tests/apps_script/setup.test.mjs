import assert from 'node:assert/strict';
import test from 'node:test';
import { HEADS, SECRET, URL_, visit, world } from './world.mjs';

const fresh = (more = {}) => world({ properties: {}, ...more });
const setUp = (w, ...answers) => { w.answers = answers; w.context.setup(); };
const kept = (w) => [w.kept().CDP_URL, w.kept().CDP_SECRET];

for (const pasted of [`${URL_} ${SECRET}`, `  ${SECRET}\n${URL_}/ `]) {
  test(`address and secret are pasted at once: ${JSON.stringify(pasted)}`, () => {
    const w = fresh();
    setUp(w, pasted);
    assert.deepEqual([kept(w), w.alerts, w.questions.length], [[URL_, SECRET], ['Kết nối tốt.'], 1]);
    assert.equal(w.pulses.length, 1);
  });
}

test('a secret alone renews the secret', () => {
  const w = world();
  setUp(w, 'khóa-mới');
  assert.deepEqual(kept(w), [URL_, 'khóa-mới']);
});

test('a download that is filled in asks nothing, and is the newest word', () => {
  const w = world({ properties: { CDP_URL: 'https://cu.example.vn/hooks/sheets/k0', CDP_SECRET: 'cũ' }, filled: { url: URL_, secret: SECRET } });
  setUp(w);
  assert.deepEqual([kept(w), w.questions, w.calls[0].url], [[URL_, SECRET], [], URL_]);
});

test('with the address filled in, only the secret is asked', () => {
  const w = fresh({ filled: { url: URL_, secret: '' } });
  setUp(w, SECRET);
  assert.deepEqual([kept(w), w.questions], [[URL_, SECRET], ['Dán mã bí mật của nguồn dữ liệu']]);
});

for (const pasted of ['mã-bí-mật', 'https://example.vn/sheet k', 'http://cdp.example.vn/hooks/sheets/k1 k', 'https://x/hooks/sheets/ k']) {
  test(`what is no address is told, and nothing is kept: ${pasted}`, () => {
    const w = fresh();
    setUp(w, pasted);
    assert.match(w.alerts[0], /không phải địa chỉ webhook, cần dạng https:\/\/…\/hooks\/sheets\/… Chưa lưu gì/);
    assert.deepEqual(kept(w), [undefined, undefined]);
  });
}

test('giving up keeps what there was', () => {
  const w = world();
  setUp(w, null);
  assert.deepEqual([kept(w), w.alerts], [[URL_, SECRET], []]);
});

test('missing columns are offered, and added at the end when the person agrees', () => {
  const w = world({ columns: ['Mã khách hàng', 'Họ và tên'], rows: [['KH1', 'Hoa']], filled: { url: URL_, secret: SECRET } });
  setUp(w);
  assert.match(w.questions[0], /chưa có cột “Gửi webhook”, “Trạng thái gửi Webhook”\. Thêm vào cuối bảng\?/);
  assert.deepEqual(w.grid.columns, ['Mã khách hàng', 'Họ và tên', 'Gửi webhook', 'Trạng thái gửi Webhook']);
});

test('no is no, and a tab beside one of ours is not asked about', () => {
  const w = world({ columns: ['Thuốc'], rows: [['x']], filled: { url: URL_, secret: SECRET } });
  w.says = () => false;
  setUp(w);
  assert.deepEqual(w.grid.columns, ['Thuốc']);
  const second = world({ columns: ['Thuốc'], rows: [['x']], more: [{ name: 'Khách', columns: HEADS, rows: [visit(1)] }], filled: { url: URL_, secret: SECRET } });
  setUp(second);
  assert.deepEqual(second.questions, []);
});

test('the system’s columns warn people, the requests are a list, and setting up twice doubles nothing', () => {
  const w = world({ columns: [...HEADS, 'Kết quả gửi tin', '_cdp_id'], rows: [[...visit(1), '', '']], filled: { url: URL_, secret: SECRET } });
  setUp(w);
  setUp(w);
  const named = Array.from(w.grid.guards, (guard) => [w.grid.columns[guard.column - 1], guard.warns]);
  assert.deepEqual(named, [['Trạng thái gửi Webhook', true], ['_cdp_id', true], ['Kết quả gửi tin', true]]);
  const { column, row, rule } = w.grid.validation;
  assert.deepEqual([w.grid.columns[column - 1], row, Array.from(rule.values), rule.showsList, rule.allowed], ['Gửi webhook', 2, ['Đã gửi', 'Cập nhật lại'], true, true]);
});

test('a guard that may not be set is told, and the sheet works without', () => {
  const w = world({ filled: { url: URL_, secret: SECRET } });
  Object.getPrototypeOf(w.services.SpreadsheetApp.getActiveSheet()).getProtections = () => { throw new Error('You do not have permission'); };
  setUp(w);
  assert.match(w.alerts[0], /^Kết nối tốt\.\nChưa bảo vệ được các cột/);
  w.type(2, 'Gửi webhook', 'Đã gửi');
  assert.equal(w.calls.at(-1).body.rows.length, 1);
});
