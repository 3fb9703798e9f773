/** One spreadsheet with the shipped script installed, on the stand-ins of the practice sheet; the server is scripted. */
import crypto from 'node:crypto';
import fs from 'node:fs';
import vm from 'node:vm';

const ROOT = new URL('../../', import.meta.url);
const STAND_INS = ['sha256.js', 'grid.js', 'gas.js'].map((name) => `sandbox/static/sandbox/sheet/${name}`);
const PACKAGE = 'integrations/google_sheets/apps_script/';
/** In no order of meaning: Google promises none, and the files must not need one. */
export const CODE = fs.readdirSync(new URL(PACKAGE, ROOT)).filter((name) => name.endsWith('.gs')).map((name) => PACKAGE + name);
export const SECRET = 'khóa-bí-mật-Sao-Mai';
export const URL_ = 'https://cdp.example.vn/hooks/sheets/k1';
export const HEADS = ['Mã khách hàng', 'Họ và tên', 'Số điện thoại', 'Trạng thái', 'Gửi webhook', 'Trạng thái gửi Webhook'];

export function load(files, globals = {}) {
  const context = vm.createContext({ console: { ...console, warn() {} }, TextEncoder, crypto: crypto.webcrypto, ...globals });
  for (const file of files) vm.runInContext(fs.readFileSync(new URL(file, ROOT), 'utf8'), context, { filename: file });
  return context;
}

/** The server that takes everything. */
export const accept = (body) => json(200, {
  batch_id: body.batch_id,
  results: body.rows.map((row) => verdict(row, true, 'Đã gửi', 'Gửi tin dự kiến 11:00 22/11')),
});
export const verdict = (row, accepted, status, note = '') =>
  ({ row_id: row.row_id, row_number: row.row_number, accepted, status, errors: [], note });
export const refuse = (status) => (body) => json(200, { results: body.rows.map((row) => verdict(row, false, status)) });
export const quiet = { latest_version: '', outcomes: [], cursor: 0, checkup_due: false, says: '' };
export const json = (code, value, headers = {}) => ({ code, headers, text: JSON.stringify(value) });
export const lost = () => { throw new Error('DNS error'); };

export function visit(i, request = '') {
  return [`KH${String(i).padStart(3, '0')}`, `Nguyễn Văn ${i}`, `09${String(10000000 + i)}`, 'Đặt lịch', request, ''];
}

export function world({ columns = HEADS, rows = [visit(1), visit(2), visit(3)], more = [], server = accept, properties, filled } = {}) {
  const context = load([...STAND_INS, ...CODE]);
  const { Practice } = context;
  if (filled) Object.assign(vm.runInContext('FILLED', context), filled);
  const w = { context, calls: [], sleeps: [], toasts: [], alerts: [], questions: [], menus: {}, now: Date.UTC(2026, 10, 21, 2), server };
  Object.assign(w, { pulses: [], pulse: json(200, quiet), copies: [], copy: json(200, { findings: 0, says: '' }), says: () => true, version: vm.runInContext('VERSION', context) });
  const clock = vm.runInContext('Date', context), real = clock.now;
  clock.now = () => w.now;
  w.realTime = () => { clock.now = real; };
  w.grid = new Practice.Grid({ name: 'Khách hàng', columns, rows });
  w.tabs = [w.grid, ...more.map((tab) => new Practice.Grid(tab))];
  const fetch = (url, options) => {
    const call = { url, options, body: JSON.parse(options.payload), stamp: options.headers['X-CDP-Timestamp'] };
    const [heard, asked] = url.endsWith('/pulse') ? [w.pulses, 'pulse'] : url.endsWith('/checkup') ? [w.copies, 'copy'] : [w.calls, 'server'];
    heard.push(call);
    const reply = Array.isArray(w[asked]) ? w[asked].shift() ?? (asked === 'server' ? accept : json(200, quiet)) : w[asked];
    return typeof reply === 'function' ? reply(call.body, call) : reply;
  };
  const page = {
    toast: (text) => w.toasts.push(text), alert: (text) => w.alerts.push(text),
    prompt: (question) => { w.questions.push(question); return w.answers.shift() ?? null; },
    confirm: (question) => { w.questions.push(question); return w.says(); }, menu: (title, items) => { w.menus[title] = items; },
  };
  w.services = Practice.services({
    id: 'sheet-1', name: 'Nha khoa Sao Mai', grids: w.tabs, fetch, page,
    properties: properties ?? { CDP_URL: URL_, CDP_SECRET: SECRET },
    sleep: (ms) => { w.sleeps.push(ms); w.now += ms; },
  });
  Object.assign(context, w.services);
  context.install();
  return Object.assign(w, acts(w));
}

/** What people and Google do to the sheet. */
function acts(w) {
  const fire = (type, event) => w.services.ScriptApp.getProjectTriggers()
    .filter((trigger) => trigger.getEventType() === type)
    .map((trigger) => w.context[trigger.getHandlerFunction()](event));
  const column = (name) => (typeof name === 'number' ? name : w.grid.columns.indexOf(name) + 1);
  const edit = (row, name, height, width, values) => w.context.Practice.editEvent(w.services, row, column(name), height, width, values);
  return {
    edit, fire, column,
    /** Types into one cell; the trigger fires. */
    type(row, name, text) {
      const oldValue = w.grid.get(row, column(name));
      w.grid.put(row, column(name), text);
      return fire('ON_EDIT', edit(row, name, 1, 1, { value: text, oldValue }));
    },
    /** Fills a block in one edit, as a paste or a drag does. */
    fill(row, name, block) {
      block.forEach((line, i) => line.forEach((text, j) => w.grid.put(row + i, column(name) + j, text)));
      return fire('ON_EDIT', edit(row, name, block.length, block[0].length));
    },
    sweep: () => w.context.sweep(),
    moveColumn: (from, to) => w.grid.moveColumn(from, to),
    outcome: (row) => w.grid.get(row, column('Kết quả gửi tin')),
    kept: () => w.services.PropertiesService.getScriptProperties().getProperties(),
    cell: (row, name) => w.grid.get(row, column(name)),
    status: (row) => w.grid.get(row, column('Trạng thái gửi Webhook')),
    note: (row) => w.grid.note(row, column('Trạng thái gửi Webhook')),
    request: (row) => w.grid.get(row, column('Gửi webhook')),
    id: (row) => w.grid.get(row, column('_cdp_id')),
    sent: () => w.calls.flatMap((call) => call.body.rows),
  };
}

export function signature(call, secret = SECRET) {
  return 'sha256=' + crypto.createHmac('sha256', secret).update(`${call.stamp}.${call.options.payload}`).digest('hex');
}
