import assert from 'node:assert/strict';
import crypto from 'node:crypto';
import test from 'node:test';
import { load, visit, world } from './world.mjs';

const FOLDER = 'sandbox/static/sandbox/sheet/';
const { Practice } = load([`${FOLDER}sha256.js`, `${FOLDER}grid.js`]);
const hex = (bytes) => Buffer.from(bytes).toString('hex');

test('SHA-256 equals node’s at every padding length', () => {
  for (let length = 0; length < 200; length++) {
    const bytes = crypto.randomBytes(length);
    assert.equal(hex(Practice.sha256(new Uint8Array(bytes))), crypto.createHash('sha256').update(bytes).digest('hex'));
  }
});

test('HMAC equals node’s for Vietnamese text and for short and long keys', () => {
  for (const key of ['', 'k', 'khóa-bí-mật', 'Đường dài '.repeat(20)]) {
    for (const text of ['', 'Nguyễn Thị Ánh – Đã gửi 💙', 'Ð'.repeat(5000)]) {
      const ours = hex(Practice.hmacSha256(Practice.utf8(key), Practice.utf8(text)));
      assert.equal(ours, crypto.createHmac('sha256', key).update(text).digest('hex'));
    }
  }
});

test('pasted text is cut into cells as Sheets does', () => {
  const cut = (text) => JSON.parse(JSON.stringify(Practice.parseTsv(text)));
  assert.deepEqual(cut('a\tb\nc\t\n'), [['a', 'b'], ['c', '']]);
  assert.deepEqual(cut('một\r\nhai'), [['một'], ['hai']]);
  assert.deepEqual(cut('"dòng 1\ndòng ""2"""\tx'), [['dòng 1\ndòng "2"', 'x']]);
  assert.deepEqual(cut('5" vết\tx'), [['5" vết', 'x']]);
});

test('a grid saved and opened again is the same, notes included', () => {
  const w = world();
  w.type(2, 'Gửi webhook', 'Đã gửi');
  const rows = JSON.parse(JSON.stringify(w.grid.toRows()));
  const again = new Practice.Grid({ name: 'x', columns: w.grid.columns, rows });
  assert.deepEqual(JSON.parse(JSON.stringify(again.toRows())), rows);
  assert.equal(again.note(2, 6), 'Gửi tin dự kiến 11:00 22/11');
});

test('sorting puts empty cells last and reads dates as dates', () => {
  const grid = new Practice.Grid({ name: 'x', columns: ['Ngày'], rows: [[''], ['02/12/2026'], ['30/11/2026'], ['1/1/2027']] });
  const read = () => grid.lines.map((line) => line.cells[0]);
  grid.sort(1, true);
  assert.deepEqual(read(), ['30/11/2026', '02/12/2026', '1/1/2027', '']);
  grid.sort(1, false);
  assert.deepEqual(read(), ['1/1/2027', '02/12/2026', '30/11/2026', '']);
});

test('the stand-ins are as strict as Google where it matters', () => {
  const w = world({ rows: [visit(1)] }), sheet = w.services.SpreadsheetApp.getActiveSheet();
  assert.throws(() => sheet.getRange(1, 99));
  assert.throws(() => sheet.getRange(2, 1, 2, 1));
  assert.throws(() => sheet.getRange(2, 1, 1, 2).setValues([['một']]));
  const bytes = w.services.Utilities.computeHmacSha256Signature('a', 'b', w.services.Utilities.Charset.UTF_8);
  assert.ok(bytes.some((byte) => byte < 0) && bytes.every((byte) => byte >= -128 && byte <= 127));
});
