import assert from 'node:assert/strict';
import test from 'node:test';
import { HEADS, json, lost, quiet, refuse, signature, visit, world, URL_ } from './world.mjs';

const SEND = 'Gửi webhook', OUTCOME = 'Kết quả gửi tin';
const sheet = (rows = [visit(1), visit(2), visit(3)]) => world({ columns: [...HEADS, OUTCOME], rows: rows.map((row) => [...row, '']) });
const telling = (outcomes, more = {}) => json(200, { ...quiet, outcomes, cursor: 7, ...more });
const accepted = () => {
  const w = sheet();
  w.fill(2, SEND, [['Đã gửi'], ['Đã gửi'], ['Đã gửi']]);
  return w;
};

test('after each sweep the script says how it is, signed', () => {
  const w = sheet([visit(1), visit(2, 'Đã gửi')]);
  w.server = lost;
  w.sweep();
  const [pulse] = w.pulses;
  assert.equal(pulse.url, `${URL_}/pulse`);
  assert.equal(pulse.options.headers['X-CDP-Signature'], signature(pulse));
  assert.deepEqual(pulse.body, {
    version: w.version, sheet: { spreadsheet_id: 'sheet-1', sheet_name: 'Khách hàng' }, waiting: 1,
    headers: [...HEADS, OUTCOME, '_cdp_id'], calls_left: 20000 - 5, problems: [], heard: 0,
  });
});

test('a spreadsheet without our columns says so', () => {
  const w = world({ columns: ['Thuốc'], rows: [['Paracetamol']] });
  w.sweep();
  assert.deepEqual(w.pulses[0].body.problems, ['Chưa có trang tính nào có cột “Gửi webhook” ở dòng 1']);
});

test('a lost pulse disturbs no row, and the next one is as good', () => {
  const w = accepted();
  w.pulse = lost;
  w.sweep();
  assert.equal(w.status(2), 'Đã gửi');
  w.pulse = telling([{ row_id: w.id(3), text: 'Đã gửi 11:00 22/11' }]);
  w.sweep();
  assert.equal(w.outcome(3), 'Đã gửi 11:00 22/11');
});

test('outcomes are written into their rows wherever these stand, into no other cell, and confirmed next time', () => {
  const w = accepted();
  const told = [{ row_id: w.id(4), text: 'Bệnh nhân đã nhận' }, { row_id: w.id(2), text: 'Dự kiến 11:00' }, { row_id: 'gone', text: 'x' }];
  w.pulse = (body) => { if (!body.heard) w.grid.sort(1, false); return telling(body.heard ? [] : told); };
  const before = w.grid.lines.map((line) => line.cells.slice());
  w.sweep();
  assert.deepEqual([w.outcome(2), w.outcome(3), w.outcome(4)], ['Bệnh nhân đã nhận', '', 'Dự kiến 11:00']);
  const others = (lines) => lines.map((cells) => cells.filter((_, i) => i !== HEADS.length)).sort();
  assert.deepEqual(others(w.grid.lines.map((line) => line.cells)), others(before));
  w.sweep();
  assert.deepEqual(w.pulses.map((call) => call.body.heard), [0, 7]);
});

test('an outcome is no data of the row: writing it makes no row look edited', () => {
  const w = accepted();
  w.pulse = telling([{ row_id: w.id(2), text: 'Bệnh nhân đã nhận' }]);
  w.sweep();
  w.type(2, 'Họ và tên', 'Nguyễn Văn 1');
  assert.equal(w.status(2), 'Đã gửi');
  w.type(2, SEND, 'Cập nhật lại');
  assert.ok(!(OUTCOME in w.sent().at(-1).values));
});

test('an outcome never becomes a formula, a number or a date', () => {
  for (const text of ['=IMPORTXML("http://x")', '+84 912', '-1', '@SUM(A1)', '11:00 22/11', "'x"]) {
    const w = accepted(), written = [];
    w.grid.write = ((write) => (row, column, value) => { written.push(value); write.call(w.grid, row, column, value); })(w.grid.write);
    w.pulse = telling([{ row_id: w.id(2), text }]);
    w.sweep();
    assert.equal(w.outcome(2), text);
    assert.equal(w.grid.formulas.length, 0);
    assert.ok(written.every((value) => value.startsWith("'")), written.join());
  }
});

test('neighbouring outcomes are one write, and one that stands there already is none', () => {
  const w = accepted();
  w.pulse = telling([2, 3, 4].map((row) => ({ row_id: w.id(row), text: 'Đã nhận' })));
  let writes = 0;
  const { getRange } = Object.getPrototypeOf(w.services.SpreadsheetApp.getActiveSheet());
  Object.getPrototypeOf(w.services.SpreadsheetApp.getActiveSheet()).getRange = function (...place) {
    const range = getRange.apply(this, place), set = range.setValues;
    range.setValues = (values) => { writes++; return set.call(range, values); };
    return range;
  };
  w.sweep();
  assert.equal(writes, 1);
  w.sweep();
  assert.equal(writes, 1);
});

test('more than one answer can hold is fetched at once', () => {
  const w = sheet(Array.from({ length: 600 }, (_, i) => visit(i, 'Đã gửi')));
  w.sweep();
  const all = Array.from({ length: 600 }, (_, i) => ({ row_id: w.id(i + 2), text: `Đã nhận ${i}` }));
  w.pulse = [telling(all.slice(0, 500)), telling(all.slice(500), { cursor: 8 })];
  w.sweep();
  assert.deepEqual([w.outcome(2), w.outcome(601)], ['Đã nhận 0', 'Đã nhận 599']);
  assert.equal(w.pulses.at(-1).body.heard, 7);
});

test('a copy and an emptied row do not keep the outcome of another visit', () => {
  const w = accepted();
  w.pulse = [telling([{ row_id: w.id(2), text: 'Đã nhận' }, { row_id: w.id(4), text: 'Đã nhận' }])];
  w.sweep();
  w.grid.copyRow(2);
  w.fill(5, 1, [['', '', '', '']]);
  w.sweep();
  assert.deepEqual([w.outcome(2), w.outcome(3), w.outcome(5)], ['Đã nhận', '', '']);
});

test('without the column nothing is written; the menu adds it, guarded', () => {
  const w = world();
  w.context.addOutcomeColumn();
  assert.equal(w.grid.columns.at(-1), OUTCOME);
  assert.ok(w.grid.guards.some((guard) => guard.column === w.grid.columns.length && guard.warns));
  w.context.addOutcomeColumn();
  assert.deepEqual(w.alerts, ['Đã thêm cột “Kết quả gửi tin” vào 1 trang tính; kết quả được ghi vào trong vài phút.', 'Mọi trang tính đã có cột “Kết quả gửi tin”.']);
});

test('a newer script is told in the menu and at the heading; an older one on the server is not', () => {
  const w = accepted();
  w.pulse = json(200, { ...quiet, latest_version: '99.0.1', says: 'Đã có bản mã CDP 99.0.1.' });
  w.sweep();
  const note = () => w.grid.note(1, w.column('Trạng thái gửi Webhook'));
  assert.equal(note(), `CDP ${w.version}\nĐã có bản mã CDP 99.0.1.`);
  w.context.onOpen();
  assert.equal(w.menus.CDP.at(-1).caption, 'Có bản mã mới 99.0.1…');
  w.context[w.menus.CDP.at(-1).handler]();
  assert.match(w.alerts[0], /^Đã có bản mã 99\.0\.1, bảng tính đang dùng/);
  for (const latest_version of ['0.9', w.version, '']) {
    w.pulse = json(200, { ...quiet, latest_version });
    w.sweep();
    w.context.onOpen();
    assert.equal(w.menus.CDP.at(-1).caption, 'Kiểm tra kết nối');
  }
  assert.equal(note(), `CDP ${w.version}`);
});

test('a night’s copy holds every row with anything in it, and who stands in the other tabs', () => {
  const columns = [...HEADS, '_cdp_id'], other = [...visit(9, 'Đã gửi'), 'other-tab'];
  const w = world({ rows: [visit(1, 'Đã gửi'), ['', '', '', '', '', ''], visit(3)], more: [{ name: 'Tháng 10', columns, rows: [other] }] });
  w.grid.merged = [[1, 1, 1, 2]];
  w.pulse = json(200, { ...quiet, checkup_due: true });
  w.sweep();
  const { body, url } = w.copies[0];
  assert.equal(url, `${URL_}/checkup`);
  assert.deepEqual(body.headers, [...HEADS, '_cdp_id']);
  assert.deepEqual(body.rows, [
    [2, w.id(2), [...visit(1, 'Đã gửi').slice(0, 5), 'Đã gửi', w.id(2)]], [4, '', [...visit(3), '']],
  ]);
  assert.deepEqual([body.merged, body.elsewhere, body.sheet.sheet_name], [['A1:B1'], ['other-tab'], 'Khách hàng']);
  w.sweep();
  assert.equal(w.copies.length, 1, 'what failed or was refused is not posted again within the hour');
  w.now += 3600001;
  w.sweep();
  assert.equal(w.copies.length, 2);
});

test('a sheet too large for one call sends its newest rows, and names the others', () => {
  const w = world({ columns: [...HEADS, '_cdp_id'], rows: Array.from({ length: 20050 }, (_, i) => [...visit(i), '', `id${i}`].slice(0, 7)) });
  w.grid.lines.forEach((line, i) => { line.cells[6] = `id${i}`; line.cells[1] = 'Ạ'.repeat(200); });
  w.pulse = json(200, { ...quiet, checkup_due: true });
  w.sweep();
  const [copy] = w.copies;
  assert.ok(Buffer.byteLength(copy.options.payload) <= 7500000);
  assert.equal(copy.body.rows.length + copy.body.elsewhere.length, 20050);
  assert.equal(copy.body.rows.at(-1)[0], 20051);
  assert.equal(copy.body.elsewhere[0], 'id0');
  assert.ok(copy.body.rows.length > 8000);
});

test('a refused row waits for nobody: only rows to be sent by themselves are counted as waiting', () => {
  const w = sheet([visit(1), visit(2)]);
  w.server = refuse('Số điện thoại: thiếu chữ số');
  w.type(2, SEND, 'Đã gửi');
  w.sweep();
  assert.equal(w.pulses[0].body.waiting, 0);
});
