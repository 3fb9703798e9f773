import assert from 'node:assert/strict';
import test from 'node:test';
import { HEADS, SECRET, URL_, accept, json, lost, refuse, signature, verdict, visit, world } from './world.mjs';

const SEND = 'Gửi webhook';
const UNSENT = 'Chưa gửi được: không kết nối được máy chủ, hệ thống sẽ tự thử lại trong 5 phút';

test('one edited row is posted as the contract says, signed, and the verdict is written', () => {
  const w = world();
  w.type(3, SEND, 'Đã gửi');
  assert.equal(w.calls.length, 1);
  const [call] = w.calls, { batch_id, sheet, rows } = call.body;
  assert.equal(call.url, URL_);
  assert.equal(call.options.headers['X-CDP-Signature'], signature(call));
  assert.equal(call.stamp, String(w.now / 1000));
  assert.match(batch_id, /^[0-9a-f-]{36}$/);
  assert.deepEqual(sheet, { spreadsheet_id: 'sheet-1', sheet_name: 'Khách hàng' });
  assert.deepEqual(rows, [{
    row_id: w.id(3), row_number: 3, request: 'Đã gửi',
    values: { 'Mã khách hàng': 'KH002', 'Họ và tên': 'Nguyễn Văn 2', 'Số điện thoại': '0910000002', 'Trạng thái': 'Đặt lịch' },
  }]);
  assert.equal(w.status(3), 'Đã gửi');
  assert.equal(w.note(3), 'Gửi tin dự kiến 11:00 22/11');
  assert.equal(w.status(2), '');
});

test('the id column is made at the end, hidden, and kept', () => {
  const w = world();
  w.type(2, SEND, 'Đã gửi');
  const id = w.id(2);
  assert.equal(w.grid.columns.at(-1), '_cdp_id');
  assert.ok(w.grid.hidden.has(w.grid.columns.length));
  w.type(2, SEND, 'Cập nhật lại');
  assert.equal(w.id(2), id);
  assert.deepEqual(w.sent().map((row) => row.row_id), [id, id]);
});

test('only the edited rows are sent, and only for an edit of the request column', () => {
  const w = world({ rows: [visit(1, 'Đã gửi'), visit(2), visit(3)] });
  w.type(3, SEND, 'Đã gửi');
  w.type(4, 'Họ và tên', 'Trần Thị Ánh');
  w.type(1, SEND, SEND);
  assert.deepEqual(w.sent().map((row) => row.row_number), [3]);
});

test('1200 edited rows leave in three batches and every row gets its verdict', () => {
  const w = world({ rows: Array.from({ length: 1200 }, (_, i) => visit(i)) });
  w.fill(2, SEND, Array.from({ length: 1200 }, () => ['Đã gửi']));
  assert.deepEqual(w.calls.map((call) => call.body.rows.length), [500, 500, 200]);
  assert.equal(new Set(w.calls.map((call) => call.body.batch_id)).size, 3);
  assert.equal(new Set(w.sent().map((row) => row.row_id)).size, 1200);
  assert.ok(Array.from({ length: 1200 }, (_, i) => w.status(i + 2)).every((text) => text === 'Đã gửi'));
});

test('a busy server is asked again with the same batch and a fresh signature', () => {
  const w = world({ server: [json(503, {}), json(429, {}, { 'Retry-After': '7' }), lost, json(500, {}), accept] });
  w.type(2, SEND, 'Đã gửi');
  assert.deepEqual(w.sleeps, [1000, 7000, 4000, 8000]);
  assert.equal(new Set(w.calls.map((call) => call.options.payload)).size, 1);
  assert.equal(new Set(w.calls.map((call) => call.stamp)).size, 5);
  w.calls.forEach((call) => assert.equal(call.options.headers['X-CDP-Signature'], signature(call)));
  assert.equal(w.status(2), 'Đã gửi');
});

test('a long Retry-After is left to the sweep', () => {
  const w = world({ server: json(503, {}, { 'retry-after': '120' }) });
  w.type(2, SEND, 'Đã gửi');
  assert.equal(w.calls.length, 1);
  assert.match(w.status(2), /^Chưa gửi được: .*503.*tự thử lại trong 5 phút$/);
});

test('a lost network is told in the cell, stops the other batches, and the sweep sends the rows', () => {
  const w = world({ rows: Array.from({ length: 700 }, (_, i) => visit(i)), server: lost });
  w.fill(2, SEND, Array.from({ length: 700 }, () => ['Đã gửi']));
  assert.equal(w.calls.length, 5);
  assert.equal(w.status(2), UNSENT);
  assert.equal(w.status(701), UNSENT);
  const ids = [w.id(2), w.id(701)];
  w.server = accept;
  assert.equal(w.sweep(), 700);
  assert.deepEqual([w.status(2), w.status(701), w.id(2), w.id(701)], ['Đã gửi', 'Đã gửi', ...ids]);
  assert.equal(w.sweep(), 0);
});

test('a paused campaign is told in the words of the server, and the rows go by themselves once it runs', () => {
  const status = 'Chiến dịch đồng bộ chưa được kích hoạt – nhờ quản trị viên bấm Kích hoạt';
  const w = world({ server: json(423, { error: 'source.closed', message: 'x', status }) });
  w.type(2, SEND, 'Đã gửi');
  assert.equal(w.status(2), status);
  assert.equal(w.calls.length, 1);
  w.server = accept;
  w.sweep();
  assert.equal(w.status(2), 'Đã gửi');
});

for (const [code, text] of [[401, /^Sai mã bí mật/], [404, /^Không tìm thấy nguồn/], [400, /^Máy chủ không đọc/], [409, /trùng mã/], [413, /quá lớn/]]) {
  test(`answer ${code} is a Vietnamese sentence in the cell, without a retry`, () => {
    const w = world({ server: json(code, { error: 'x', message: 'x' }) });
    w.type(2, SEND, 'Đã gửi');
    assert.equal(w.calls.length, 1);
    assert.match(w.status(2), text);
  });
}

test('a refused batch does not hold back the next one', () => {
  const w = world({ rows: Array.from({ length: 501 }, (_, i) => visit(i)), server: [json(409, {})] });
  w.fill(2, SEND, Array.from({ length: 501 }, () => ['Đã gửi']));
  assert.match(w.status(2), /trùng mã/);
  assert.equal(w.status(502), 'Đã gửi');
});

test('an answer that is no answer, and a row that the server leaves out, are tried again', () => {
  const w = world({ server: { code: 200, headers: {}, text: '<html>Wifi</html>' } });
  w.type(2, SEND, 'Đã gửi');
  assert.match(w.status(2), /^Chưa gửi được: /);
  w.server = json(200, { results: [] });
  w.sweep();
  assert.match(w.status(2), /^Chưa gửi được: máy chủ bỏ sót dòng này/);
});

test('the exact reason is written for a refused row', () => {
  const reason = 'Số điện thoại “09123”: thiếu chữ số, cần 10 số, ví dụ 0912345678';
  const w = world({ server: (body) => json(200, { results: body.rows.map((row, i) => verdict(row, i > 0, i ? 'Đã gửi' : reason)) }) });
  w.fill(2, SEND, [['Đã gửi'], ['Đã gửi']]);
  assert.deepEqual([w.status(2), w.status(3)], [reason, 'Đã gửi']);
});

test('text of the server never becomes a formula', () => {
  for (const text of ['=IMPORTXML("http://x")', '+84 912 345 678', '-cmd', '@SUM(A1)', "'trích"]) {
    const w = world({ server: refuse(text) });
    w.type(2, SEND, 'Đã gửi');
    assert.equal(w.status(2), text);
    assert.equal(w.grid.formulas.length, 0);
  }
});

test('a row that moves between post and answer still gets its own verdict', () => {
  const w = world();
  w.server = (body) => {
    w.grid.sort(1, false);
    return json(200, { results: body.rows.map((row) => verdict(row, true, `Đã gửi ${row.values['Mã khách hàng']}`)) });
  };
  w.fill(2, SEND, [['Đã gửi'], ['Đã gửi']]);
  const seen = [2, 3, 4].map((row) => [w.cell(row, 'Mã khách hàng'), w.status(row)]);
  assert.deepEqual(seen, [['KH003', ''], ['KH002', 'Đã gửi KH002'], ['KH001', 'Đã gửi KH001']]);
});

test('a row deleted between post and answer is no trouble', () => {
  const w = world();
  w.server = (body) => { w.grid.deleteRow(2); return accept(body); };
  w.fill(2, SEND, [['Đã gửi'], ['Đã gửi']]);
  assert.deepEqual([w.cell(2, 'Mã khách hàng'), w.status(2), w.status(3)], ['KH002', 'Đã gửi', '']);
});

test('a row edited between post and answer says that it must be sent again', () => {
  const w = world();
  w.server = (body) => { w.grid.put(2, 2, 'Lê Thị Mai'); return accept(body); };
  w.type(2, SEND, 'Đã gửi');
  assert.equal(w.status(2), 'Đã sửa, chưa gửi lại – đặt Gửi webhook = Cập nhật lại');
});

test('a taken lock leaves the row marked, and the sweep sends it', () => {
  const w = world(), lock = w.services.LockService.getScriptLock();
  lock.tryLock();
  assert.equal(w.type(2, SEND, 'Đã gửi')[0], -1);
  assert.deepEqual([w.calls.length, w.status(2), w.sweep()], [0, 'Đang gửi…', -1]);
  lock.releaseLock();
  assert.equal(w.sweep(), 1);
  assert.equal(w.status(2), 'Đã gửi');
});

test('a run that dies gives the lock back and leaves the row to the sweep', () => {
  const w = world();
  w.services.Utilities.getUuid = () => { throw new Error('Service error'); };
  assert.throws(() => w.type(2, SEND, 'Đã gửi'), /Service error/);
  assert.deepEqual([w.status(2), w.services.LockService.getScriptLock().hasLock()], ['Đang gửi…', false]);
});

test('a long run stops before Google stops it; the next sweep goes on', () => {
  const w = world({ rows: Array.from({ length: 1001 }, (_, i) => visit(i)) });
  w.server = (body) => { w.now += 200000; return accept(body); };
  w.fill(2, SEND, Array.from({ length: 1001 }, () => ['Đã gửi']));
  assert.equal(w.calls.length, 2);
  assert.equal(w.status(1002), 'Đang gửi…');
  w.sweep();
  assert.equal(w.status(1002), 'Đã gửi');
});

test('the same edit fired twice posts an accepted row once', () => {
  const w = world();
  w.type(2, SEND, 'Cập nhật lại');
  w.fire('ON_EDIT', w.edit(2, SEND, 1, 1, { value: 'Cập nhật lại' }));
  assert.equal(w.calls.length, 1);
  assert.equal(w.status(2), 'Đã gửi');
});

test('not set up yet is told in the cell, and sent after the set-up', () => {
  const w = world({ properties: {} });
  w.type(2, SEND, 'Đã gửi');
  assert.match(w.status(2), /^Chưa gửi được: chưa cài đặt kết nối/);
  w.answers = [URL_, ` ${SECRET} `];
  w.context.setup();
  w.context.resendWaiting();
  assert.equal(w.status(2), 'Đã gửi');
  assert.deepEqual(w.alerts, ['Kết nối tốt.', 'Máy chủ đã trả lời cho 1 dòng đang chờ.']);
});

test('headers are the data columns of the sheet, whatever a clinic adds', () => {
  const w = world({ columns: ['Nguồn khách', '', ...HEADS], rows: [['Facebook', 'nháp', ...visit(1)]] });
  w.type(2, SEND, 'Đã gửi');
  assert.deepEqual(Object.keys(w.sent()[0].values), ['Nguồn khách', 'Mã khách hàng', 'Họ và tên', 'Số điện thoại', 'Trạng thái']);
});
