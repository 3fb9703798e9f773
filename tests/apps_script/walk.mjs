/**
 * A day of a busy clinic, drawn by lot: people type, mark, sort, insert, copy and delete; Google fires triggers twice
 * or kills a run; the network loses calls before or after the server stored them. Then the dust settles.
 * Prints what the sheet says at the end as JSON; tests/apps_script/test_walk.py compares it with the Data Hub.
 */
import { world } from './world.mjs';
import { Wire, asRequest } from './wire.mjs';

const { url, secret, seed, steps } = JSON.parse(process.argv[2]);
const COLUMNS = ['Mã khách hàng', 'Họ và tên', 'Số điện thoại', 'Dịch vụ', 'Ngày khám', 'Trạng thái', 'Gửi webhook', 'Trạng thái gửi Webhook', 'Kết quả gửi tin'];
const SEND = 'Gửi webhook', STATUS = 'Trạng thái gửi Webhook', PHONE = 'Số điện thoại';
const REQUESTS = ['Đã gửi', 'Cập nhật lại', 'đã  GỬI', ''];

// --- lots ------------------------------------------------------------------------------------------------------------

let state = seed;
/** Mulberry32: the same seed walks the same way. */
function lot() {
  state = (state + 0x6d2b79f5) | 0;
  let t = Math.imul(state ^ (state >>> 15), 1 | state);
  t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
  return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
}
const upTo = (count) => Math.floor(lot() * count), oneOf = (things) => things[upTo(things.length)];

let patients = 0;
const cell = {
  'Mã khách hàng': () => `KH${++patients}`,
  'Họ và tên': () => oneOf(['Nguyễn Thị Hoa', 'Trần Văn Đạt'.normalize('NFD'), ' Lê  Bảo Ngọc', '']),
  [PHONE]: () => oneOf([`09${10000000 + upTo(9e7)}`, `9${10000000 + upTo(9e7)}`, '09123', '0912345678 / 0987654321', '']),
  'Dịch vụ': () => oneOf(['Nhổ răng', 'Lấy cao răng', '=1+1', 'Tẩy trắng']),
  'Ngày khám': () => oneOf(['21/11/2026', '1/12/26', '2026-11-20', '31/02/2026', '12/25/2026']),
  'Trạng thái': () => oneOf(['Đặt lịch', 'Đã hoàn thành', 'xong rồi', '']),
};
const DATA = Object.keys(cell);

// --- the world -------------------------------------------------------------------------------------------------------

const wire = new Wire(), gone = new Set(), counts = {};
const tally = (what) => { counts[what] = (counts[what] || 0) + 1; };
let isCalm = false, isLastRush = false, killIn = Infinity;

class Killed extends Error {}
/** Once dead, a run does nothing more, not even in its `finally`. */
const breathe = () => { if (--killIn < 0) throw new Killed('Exceeded maximum execution time'); };

function network(body, call) {
  breathe();
  const way = isCalm ? 'through' : oneOf(['through', 'through', 'through', 'twice', 'lost before', 'lost after', 'busy', 'cut short']);
  tally(`call ${way}`);
  if (way === 'lost before') throw new Error('DNS error');
  if (way === 'busy') return { code: 503, headers: { 'Retry-After': '1' }, text: '{}' };
  if (!isCalm && lot() < 0.3) disturb(body.rows);
  if (isLastRush) for (let i = 0; i < 6; i++) edit(find(oneOf(body.rows || [{}]).row_id) || row());
  const answer = wire.send(...asRequest(call), way === 'twice' ? 2 : 1);
  if (!isCalm && lot() < 0.3) disturb(body.rows);
  if (way === 'lost after') throw new Error('Timeout');
  if (way === 'cut short') return { ...answer, text: answer.text.slice(0, 40) };
  noteMoved(answer);
  return answer;
}

/** An id that the server knows as another's is given up by the script. */
function noteMoved(answer) {
  const { results } = JSON.parse(answer.text);
  (results || []).filter((each) => each.errors.some((error) => error.code === 'row.copied_id')).forEach((each) => gone.add(each.row_id));
}

const w = world({ columns: COLUMNS, rows: Array.from({ length: 12 }, () => COLUMNS.map(() => '')), properties: { CDP_URL: url, CDP_SECRET: secret } });
Object.assign(w, { server: network, pulse: network, copy: network });
w.realTime();
for (const act of ['write', 'setNote']) {
  const plain = w.grid[act].bind(w.grid);
  w.grid[act] = (...values) => { breathe(); return plain(...values); };
}

/** A run of the script, which Google may kill at any of its steps, and whose trigger may fire twice. */
function run(work) {
  killIn = !isCalm && lot() < 0.3 ? upTo(25) : Infinity;
  try { work(); } catch (error) {
    if (!(error instanceof Killed)) throw error;
    tally('killed');
  } finally {
    if (killIn < 0) w.services.LockService.getScriptLock().releaseLock(); // Google does
    killIn = Infinity;
  }
}

// --- people ----------------------------------------------------------------------------------------------------------

const rows = () => w.grid.lines.map((_, i) => i + 2), row = () => oneOf(rows());
const at = (name) => w.grid.columns.findIndex((head) => fold(head) === fold(name)) + 1;
const fold = (head) => head.normalize('NFC').toLowerCase().trim();
const forget = (number) => { if (at('_cdp_id')) gone.add(w.grid.get(number, at('_cdp_id'))); };

/** What people do while a run is talking to the server: no trigger of theirs can have the lock. */
function disturb(onTheirWay = []) {
  const kept = killIn;
  killIn = Infinity;
  const editSent = () => { if (onTheirWay.length) edit(find(oneOf(onTheirWay).row_id) || row()); };
  oneOf([sort, insert, erase, moveColumn, editSent, editSent, editSent])();
  killIn = kept;
}
const find = (id) => rows().find((number) => w.grid.get(number, at('_cdp_id')) === id);

/** A value, as a person's keystrokes leave it, and its event: once, twice, or for the request column killed midway. */
function put(number, name, text) {
  const column = at(name);
  if (!column) return; // somebody renamed it
  w.grid.put(number, column, text);
  fire(w.edit(number, column, 1, 1, { value: text }), name);
}

function fire(event, name) {
  const times = lot() < 0.15 ? 2 : 1;
  for (let i = 0; i < times; i++) {
    // A killed run of a data edit is not drawn: it lasts milliseconds, and only the nightly comparison can see it.
    if (name === SEND) run(() => w.fire('ON_EDIT', event)); else w.fire('ON_EDIT', event);
  }
}

const changed = () => run(() => w.fire('ON_CHANGE', { changeType: 'OTHER' }));
function sort() { w.grid.sort(1 + upTo(w.grid.width), lot() < 0.5); if (killIn === Infinity) changed(); }
function insert() { w.grid.insertRow(row()); }
function erase() { const number = row(); forget(number); w.grid.deleteRow(number); w.grid.addRows(1); }
function moveColumn() { w.grid.moveColumn(1 + upTo(w.grid.width), 1 + upTo(w.grid.width)); }
function edit(number = row()) { const name = oneOf(DATA); put(number, name, cell[name]()); }
function type() { const number = row(); DATA.forEach((name) => put(number, name, cell[name]())); mark(number); }
function mark(number = row()) { put(number, SEND, oneOf(REQUESTS.slice(0, 3))); }
function markAll() {
  const column = at(SEND);
  if (!column) return;
  rows().forEach((number) => w.grid.put(number, column, 'Đã gửi'));
  run(() => w.fire('ON_EDIT', w.edit(2, column, w.grid.height - 1, 1)));
}
function takeBack() { put(row(), SEND, ''); }
function copy() {
  const made = w.grid.copyRow(row());
  run(() => w.fire('ON_EDIT', w.edit(made, 1, 1, w.grid.width)));
  changed();
}
function empty() {
  const number = row();
  forget(number);
  DATA.forEach((name) => put(number, name, ''));
}
function rename() {
  const column = 1 + upTo(w.grid.width), name = w.grid.columns[column - 1];
  const other = oneOf([name.normalize('NFD'), ` ${name.toUpperCase()} `, fold(name) === fold(PHONE) || fold(name) === fold(STATUS) ? `${name} cũ` : name]);
  if (fold(name) === '_cdp_id' || !name) return;
  w.grid.put(1, column, other);
  w.fire('ON_EDIT', w.edit(1, column, 1, 1, { value: other }));
}
function nameBack() {
  w.grid.columns.forEach((head, i) => {
    const name = COLUMNS.find((each) => fold(each) === fold(head).replace(/( cũ)+$/, ''));
    if (name && / cũ$/.test(fold(head))) w.grid.put(1, i + 1, name);
  });
}
const sweep = () => run(() => w.sweep());
const server = (what) => wire.send(`${url}/${what}`, { body: String(state) });
const ACTS = { type: 6, edit: 8, mark: 6, markAll: 1, takeBack: 1, sort: 2, insert: 1, erase: 1, copy: 2, empty: 1, moveColumn: 1, rename: 1, nameBack: 2, sweep: 4, outcomes: 2, close: 0.4, open: 1 };
const acts = {
  type, edit, mark, markAll, takeBack, sort, insert, erase, copy, empty, moveColumn, rename, nameBack, sweep,
  outcomes: () => server('outcomes'), close: () => server('close'), open: () => server('open'),
};
const names = Object.keys(ACTS), weight = Object.values(ACTS).reduce((sum, each) => sum + each, 0);

function act() {
  let left = lot() * weight;
  const name = names.find((each) => (left -= ACTS[each]) < 0) || 'sweep';
  tally(name);
  acts[name]();
}

// --- the day, and its end --------------------------------------------------------------------------------------------

for (let i = 0; i < steps; i++) act();
isCalm = true;
nameBack();
server('open');
isLastRush = true; // the last answers find some of their rows changed; the other rows are left as the day left them
rows().filter((number) => number % 2).forEach((number) => put(number, SEND, 'Đã gửi'));
isLastRush = false;
w.sweep();
// Staff reads the status column and follows it: what was edited, copied or refused is sent again; what waits goes by itself.
const waits = (status) => /^(|Đang gửi….*|Chưa gửi được: .*|Chiến dịch đồng bộ .*)$/.test(status);
for (const number of rows()) {
  const line = Object.fromEntries(COLUMNS.map((name) => [name, w.grid.get(number, at(name))]));
  if (!DATA.some((name) => line[name].trim())) continue;
  if (line[SEND] && line[STATUS] !== 'Đã gửi' && !waits(line[STATUS])) put(number, SEND, fold(line[SEND]).startsWith('cập') ? 'Đã gửi' : 'Cập nhật lại');
}
server('outcomes');
for (let i = 0; i < 4; i++) w.sweep();
const seen = rows().map((number) => ({
  number, id: w.grid.get(number, at('_cdp_id')), request: w.grid.get(number, at(SEND)), status: w.grid.get(number, at(STATUS)),
  outcome: w.grid.get(number, at('Kết quả gửi tin')), values: Object.fromEntries(DATA.map((name) => [name, w.grid.get(number, at(name))])),
}));
process.stdout.write(JSON.stringify({ seen, gone: [...gone], counts, formulas: w.grid.formulas, kept: w.kept() }));
await wire.close();
