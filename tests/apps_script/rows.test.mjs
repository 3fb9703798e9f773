import assert from 'node:assert/strict';
import test from 'node:test';
import { HEADS, accept, json, refuse, verdict, visit, world } from './world.mjs';

const SEND = 'Gửi webhook', STATUS = 'Trạng thái gửi Webhook';
const EDITED = 'Đã sửa, chưa gửi lại – đặt Gửi webhook = Cập nhật lại';
const COPIED = 'Dòng sao chép, chưa gửi – sửa xong đặt Gửi webhook = Cập nhật lại';

test('Cập nhật lại is turned back on acceptance, so that it can be chosen again', () => {
  const w = world({ server: refuse('Số điện thoại: thiếu chữ số') });
  w.type(2, SEND, 'Đã gửi');
  w.type(2, SEND, 'Cập nhật lại');
  assert.deepEqual([w.request(2), w.status(2)], ['Cập nhật lại', 'Số điện thoại: thiếu chữ số']);
  w.server = accept;
  w.type(2, SEND, 'Cập nhật lại');
  assert.deepEqual([w.request(2), w.status(2)], ['Đã gửi', 'Đã gửi']);
  assert.deepEqual(w.sent().map((row) => row.request), ['Đã gửi', 'Cập nhật lại', 'Cập nhật lại']);
});

test('an edit after sending is told in the cell and sent on request', () => {
  const w = world();
  w.type(2, SEND, 'Đã gửi');
  w.type(2, 'Trạng thái', 'Đã hoàn thành');
  assert.deepEqual([w.status(2), w.calls.length], [EDITED, 1]);
  w.type(2, SEND, 'Cập nhật lại');
  assert.equal(w.status(2), 'Đã gửi');
  assert.equal(w.sent()[1].values['Trạng thái'], 'Đã hoàn thành');
});

test('an edit of a refused row keeps the reason in the note and names a value that can be chosen', () => {
  const w = world({ server: refuse('Số điện thoại: thiếu chữ số') });
  w.type(2, SEND, 'Cập nhật lại');
  w.type(2, 'Số điện thoại', '0912345678');
  assert.equal(w.status(2), 'Đã sửa, chưa gửi lại – đặt Gửi webhook = Đã gửi');
  assert.equal(w.note(2), 'Lần kiểm tra trước: Số điện thoại: thiếu chữ số');
});

test('an edit that changes nothing, or that touches no sent row, changes no status', () => {
  const w = world();
  w.type(2, SEND, 'Đã gửi');
  w.type(2, 'Họ và tên', 'Nguyễn Văn 1');
  w.type(3, 'Họ và tên', 'Trần Thị Ánh');
  assert.deepEqual([w.status(2), w.status(3)], ['Đã gửi', '']);
});

test('an edit of a waiting row leaves it waiting: the sweep sends what it then holds', () => {
  const w = world({ rows: [visit(1, 'Đã gửi')] });
  w.type(2, 'Họ và tên', 'Trần Thị Ánh');
  assert.equal(w.status(2), '');
  w.sweep();
  assert.equal(w.sent()[0].values['Họ và tên'], 'Trần Thị Ánh');
});

test('NFD, capitals, no-break spaces and Ð mean the same word, in headers and in requests', () => {
  const columns = [...HEADS];
  columns[4] = ' GỬI  Webhook '.normalize('NFD');
  columns[5] = 'trạng thái gửi webhook'.normalize('NFD');
  columns[1] = ' Họ và tên'.normalize('NFD');
  for (const request of ['Đã gửi'.normalize('NFD'), '\u00d0ã gửi', ' ĐÃ\u00a0GỬI ', '\u00f0ã gửi']) {
    const w = world({ columns, rows: [visit(1)] });
    w.type(2, 5, request);
    assert.equal(w.grid.get(2, 6), 'Đã gửi', request);
    assert.equal(w.sent()[0].request, 'Đã gửi');
    assert.equal(w.sent()[0].values['Họ và tên'], 'Nguyễn Văn 1');
  }
});

test('an unknown request is named, and taking the request back clears the text', () => {
  const w = world();
  w.type(2, SEND, 'gởi');
  assert.match(w.status(2), /^Gửi webhook chỉ nhận “Đã gửi” hoặc “Cập nhật lại”$/);
  w.type(2, SEND, '');
  assert.deepEqual([w.status(2), w.calls.length], ['', 0]);
});

for (const missing of [SEND, STATUS]) {
  test(`a missing column ${missing} is told, and nothing is sent`, () => {
    const w = world({ columns: HEADS.map((name) => (name === missing ? 'Cột khác' : name)), rows: [visit(1, 'Đã gửi')] });
    w.fill(2, 1, [visit(1, 'Đã gửi')]);
    w.sweep();
    assert.equal(w.calls.length, 0);
    assert.deepEqual(w.toasts, [`Trang tính “Khách hàng” thiếu cột “${missing}” ở dòng 1, chưa gửi dòng nào`]);
    w.context.checkConnection();
    assert.deepEqual(w.alerts, [`Kết nối tốt.\n${w.toasts[0]}`]);
  });
}

test('a tab of another kind is left alone', () => {
  const w = world({ columns: ['Thuốc', 'Giá'], rows: [['Paracetamol', '2.000']] });
  w.type(2, 'Giá', '3.000');
  w.sweep();
  assert.deepEqual([w.calls.length, w.toasts.length, w.grid.columns.length], [0, 0, 2]);
});

test('a copied row keeps quiet under a new id; edited and marked it is a visit of its own', () => {
  const w = world();
  w.type(2, SEND, 'Đã gửi');
  w.grid.copyRow(2);
  w.fire('ON_EDIT', w.edit(3, 1, 1, w.grid.width));
  assert.deepEqual([w.calls.length, w.status(2), w.status(3)], [1, 'Đã gửi', COPIED]);
  w.type(3, 'Họ và tên', 'Phạm Thị Lan');
  assert.equal(w.status(3), EDITED);
  w.type(3, SEND, 'Cập nhật lại');
  const [first, second] = w.sent().map((row) => row.row_id);
  assert.notEqual(first, second);
  assert.deepEqual([w.id(2), w.id(3), w.status(3)], [first, second, 'Đã gửi']);
});

test('a copy pasted above its original does not take the id', () => {
  const w = world();
  w.type(3, SEND, 'Đã gửi');
  const id = w.id(3);
  w.grid.lines[0] = { cells: [...w.grid.lines[1].cells], notes: { ...w.grid.lines[1].notes } };
  w.fire('ON_EDIT', w.edit(2, 1, 1, w.grid.width));
  assert.equal(w.id(3), id);
  assert.notEqual(w.id(2), id);
});

test('the row that still reads as it was sent is the original, even below its edited copy', () => {
  const w = world();
  w.type(2, SEND, 'Đã gửi');
  const id = w.id(2);
  w.grid.copyRow(2);
  w.grid.put(2, w.column('Họ và tên'), 'Phạm Thị Lan');
  w.sweep();
  assert.equal(w.id(3), id);
  assert.notEqual(w.id(2), id);
});

test('without any memory the upper row keeps the id, and the other is sent under a new one', () => {
  const columns = [...HEADS, '_cdp_id'];
  const w = world({ columns, rows: [[...visit(1, 'Đã gửi'), 'x'], [...visit(2, 'Đã gửi'), 'x']] });
  w.sweep();
  assert.equal(w.id(2), 'x');
  assert.notEqual(w.id(3), 'x');
  assert.equal(new Set(w.sent().map((row) => row.row_id)).size, 2);
});

test('a tab duplicated for the next month gets ids of its own', () => {
  const columns = [...HEADS, '_cdp_id'];
  const w = world({ columns, rows: [[...visit(1, 'Đã gửi'), 'x']], more: [{ name: 'Bản sao', columns, rows: [[...visit(1, 'Đã gửi'), 'x']] }] });
  w.sweep();
  assert.deepEqual(w.calls.map((call) => call.body.sheet.sheet_name), ['Khách hàng', 'Bản sao']);
  assert.notEqual(w.tabs[1].get(2, 7), 'x');
});

test('an emptied row gives its id up for the next patient', () => {
  const w = world();
  w.type(2, SEND, 'Đã gửi');
  const id = w.id(2);
  w.fill(2, 1, [['', '', '', '', '']]);
  w.sweep();
  assert.deepEqual([w.id(2), w.status(2)], ['', '']);
  w.fill(2, 1, [['KH009', 'Bùi Gia Hân', '0987654321', 'Đặt lịch', 'Đã gửi']]);
  assert.notEqual(w.id(2), id);
  assert.equal(w.status(2), 'Đã gửi');
});

test('a blank row with a request is not sent', () => {
  const w = world({ rows: [['', '', '', '', '', '']] });
  w.type(2, SEND, 'Đã gửi');
  w.sweep();
  assert.equal(w.calls.length, 0);
});

test('rows that arrive without an edit are found by the change trigger and by the sweep', () => {
  const w = world({ rows: [visit(1, 'Đã gửi')] });
  w.fire('ON_CHANGE', { changeType: 'EDIT' });
  assert.equal(w.calls.length, 0);
  w.fire('ON_CHANGE', { changeType: 'OTHER' });
  assert.equal(w.calls.length, 1);
});

test('installing again leaves one trigger of each kind, and other people’s alone', () => {
  const w = world();
  w.services.ScriptApp.newTrigger('theirs').timeBased().everyMinutes(10).create();
  w.context.install();
  const names = Array.from(w.services.ScriptApp.getProjectTriggers(), (trigger) => `${trigger.getHandlerFunction()} ${trigger.getEventType()}`);
  assert.deepEqual(names.sort(), ['onSheetChange ON_CHANGE', 'onSheetEdit ON_EDIT', 'sweep CLOCK', 'theirs CLOCK']);
});

test('the menu offers what exists', () => {
  const w = world();
  w.context.onOpen();
  assert.deepEqual(Array.from(w.menus.CDP, (item) => item.caption), ['Cài đặt kết nối', 'Gửi lại các dòng đang chờ', 'Thêm cột Kết quả gửi tin', 'Kiểm tra kết nối']);
  w.menus.CDP.forEach((item) => assert.equal(typeof w.context[item.handler], 'function'));
});

test('a row copied between post and answer leaves the verdict with the upper one', () => {
  const w = world();
  w.server = (body) => { w.grid.copyRow(2); return accept(body); };
  w.type(2, SEND, 'Đã gửi');
  assert.deepEqual([w.status(2), w.status(3)], ['Đã gửi', 'Đang gửi…']);
});

test('an id that somebody spoilt is replaced: it would have the whole batch refused', () => {
  const columns = [...HEADS, '_cdp_id'];
  const w = world({ columns, rows: [[...visit(1), 'xin chào'], [...visit(2), 'y'.repeat(81)]] });
  w.fill(2, SEND, [['Đã gửi'], ['Đã gửi']]);
  w.sent().forEach((row) => assert.match(row.row_id, /^[0-9a-f-]{36}$/));
});

test('a row filled in for another patient, whose id the server knows otherwise, becomes a visit of its own', () => {
  const another = { column: 'Dòng', code: 'row.copied_id', message: 'mang mã ẩn của dòng 9', suggestion: null };
  const w = world();
  w.server = (body) => json(200, { results: [{ ...verdict(body.rows[0], false, 'Dòng: sao chép'), errors: [another] }] });
  w.type(2, SEND, 'Đã gửi');
  const id = w.id(2);
  assert.equal(w.status(2), 'Đang gửi…');
  w.server = accept;
  w.sweep();
  const [first, second] = w.sent().map((row) => row.row_id);
  assert.notEqual(first, second);
  assert.deepEqual([w.id(2), w.status(2)], [id, 'Đã gửi']);
});

test('a whole spreadsheet copied for the next month gets ids of its own and keeps quiet', () => {
  const w = world();
  w.type(2, SEND, 'Đã gửi');
  w.grid.setNote(1, w.column('_cdp_id'), 'sheet-0');
  const id = w.id(2);
  w.sweep();
  assert.notEqual(w.id(2), id);
  assert.deepEqual([w.calls.length, w.status(2), w.grid.note(1, w.column('_cdp_id'))], [1, COPIED, 'sheet-1']);
  w.sweep();
  assert.equal(w.calls.length, 1);
});

test('columns may stand in any order and be moved while a batch is on its way', () => {
  const columns = ['Trạng thái gửi Webhook', 'Số điện thoại', 'Gửi webhook', 'Họ và tên', 'Mã khách hàng', 'Trạng thái'];
  const w = world({ columns, rows: [['', '0912345678', '', 'Hoa', 'KH1', 'Đặt lịch']] });
  w.server = (body) => { w.moveColumn(1, 6); return accept(body); };
  w.type(2, SEND, 'Đã gửi');
  assert.deepEqual(w.sent()[0].values, { 'Số điện thoại': '0912345678', 'Họ và tên': 'Hoa', 'Mã khách hàng': 'KH1', 'Trạng thái': 'Đặt lịch' });
  assert.equal(w.status(2), 'Đã gửi');
  assert.equal(w.cell(2, 'Số điện thoại'), '0912345678');
});

test('of two columns with one name the left one is sent, and the other is told', () => {
  const w = world({ columns: [...HEADS, 'số điện  thoại'], rows: [[...visit(1), '0999999999']] });
  w.type(2, SEND, 'Đã gửi');
  assert.equal(w.sent()[0].values['Số điện thoại'], '0910000001');
  assert.equal(Object.keys(w.sent()[0].values).length, 4);
  w.sweep();
  assert.deepEqual(w.pulses.at(-1).body.problems, ['Trang tính “Khách hàng” có hai cột “số điện  thoại”: chỉ cột bên trái được gửi']);
});

test('an edit far down reads the heading and the edited rows, not the whole sheet', () => {
  const w = world({ rows: Array.from({ length: 3000 }, (_, i) => visit(i)) });
  w.type(2900, SEND, 'Đã gửi');
  w.grid.reads = 0;
  w.type(2900, 'Họ và tên', 'Trần Thị Ánh');
  assert.equal(w.status(2900), EDITED);
  assert.ok(w.grid.reads < 30, `${w.grid.reads} cells read`);
});
