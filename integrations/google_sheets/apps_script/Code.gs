/**
 * CDP sheet bridge: posts the visits that staff mark in “Gửi webhook” and writes the verdict beside them.
 * The status cell alone says whether a row still waits: an edit marks its rows “Đang gửi…”, then sends what is so
 * marked. A run that dies, finds the lock taken or loses the network leaves the text, and the sweep sends the row.
 * Row numbers move under sorting: a row is known by a hidden id, whose cell note (its `mark`) remembers what was sent.
 */
const HEADER_ROW = 1, SEND = 'Gửi webhook', STATUS = 'Trạng thái gửi Webhook', ROW_ID = '_cdp_id';
const FIRST_TIME = 'Đã gửi', AGAIN = 'Cập nhật lại', SENDING = 'Đang gửi…';
const UNSENT = 'Chưa gửi được: ', WILL_RETRY = ', hệ thống sẽ tự thử lại trong 5 phút';
const EDITED = 'Đã sửa, chưa gửi lại – đặt Gửi webhook = ';
const COPIED = 'Dòng sao chép, chưa gửi – sửa xong đặt Gửi webhook = ' + AGAIN;
const UNKNOWN_REQUEST = 'Gửi webhook chỉ nhận “' + FIRST_TIME + '” hoặc “' + AGAIN + '”';
const WAIT = 'chờ'; // the mark of a row held back by the connection as a whole; its status text is the server's own
const BATCH_ROWS = 500, RETRIES = 4, LONGEST_WAIT_MS = 30000;
const RUN_BUDGET_MS = 270000; // Google stops a run after 6 minutes; the next sweep goes on from here
/** Answers that refuse a whole batch. `wait`: nothing in the rows is wrong, so they are sent again by themselves. */
const REFUSALS = {
  400: { text: 'Máy chủ không đọc được dữ liệu bảng tính, hãy cài lại mã Code.gs bản mới nhất' },
  401: { text: 'Sai mã bí mật kết nối, hãy mở menu CDP › Cài đặt kết nối và nhập lại', wait: true },
  404: { text: 'Không tìm thấy nguồn dữ liệu, hãy kiểm tra địa chỉ webhook ở menu CDP › Cài đặt kết nối', wait: true },
  409: { text: 'Lô gửi bị trùng mã, hãy đặt Gửi webhook = ' + AGAIN },
  413: { text: 'Lô gửi quá lớn, hãy gửi ít dòng hơn mỗi lần' },
  423: { text: 'Chiến dịch đồng bộ chưa được kích hoạt, dòng sẽ tự gửi khi chiến dịch được kích hoạt', wait: true },
};

function onOpen() {
  SpreadsheetApp.getUi().createMenu('CDP').addItem('Cài đặt kết nối', 'setup')
    .addItem('Gửi lại các dòng đang chờ', 'resendWaiting').addItem('Kiểm tra kết nối', 'checkConnection').addToUi();
}

function setup() {
  const ui = SpreadsheetApp.getUi();
  const [url, secret] = ['Địa chỉ webhook của nguồn dữ liệu', 'Mã bí mật của nguồn dữ liệu']
    .map((question) => ui.prompt('CDP', question, ui.ButtonSet.OK_CANCEL).getResponseText().trim());
  if (!url || !secret) return;
  PropertiesService.getScriptProperties().setProperties({ CDP_URL: url, CDP_SECRET: secret });
  install();
  checkConnection();
}

/** Installable triggers, because a simple onEdit may not call UrlFetchApp. */
function install() {
  ScriptApp.getProjectTriggers()
    .filter((trigger) => ['onSheetEdit', 'onSheetChange', 'sweep'].includes(trigger.getHandlerFunction()))
    .forEach((trigger) => ScriptApp.deleteTrigger(trigger));
  ScriptApp.newTrigger('onSheetEdit').forSpreadsheet(SpreadsheetApp.getActive()).onEdit().create();
  ScriptApp.newTrigger('onSheetChange').forSpreadsheet(SpreadsheetApp.getActive()).onChange().create();
  ScriptApp.newTrigger('sweep').timeBased().everyMinutes(5).create();
}

function resendWaiting() {
  const sent = sweep(), busy = 'Đang có lượt gửi khác chạy, vui lòng thử lại sau ít phút.';
  SpreadsheetApp.getUi().alert(sent < 0 ? busy : `Máy chủ đã trả lời cho ${sent} dòng đang chờ.`);
}

/** An empty batch is enough: address, signature and campaign are judged before the rows are looked at. */
function checkConnection() {
  const reply = post_(batchBody_(SpreadsheetApp.getActiveSheet(), []));
  const link = reply.results || reply.code === 400 ? 'Kết nối tốt.' : reply.refusal || UNSENT + reply.failure;
  const problems = SpreadsheetApp.getActive().getSheets().map((sheet) => (readTable_(sheet) || {}).problem);
  SpreadsheetApp.getUi().alert([link, ...problems].filter(Boolean).join('\n'));
}

function onSheetEdit(e) {
  if (!e || !e.range) return sweep();
  const table = readTable_(e.range.getSheet());
  if (!table) return 0; // a tab of another kind
  if (table.problem) return SpreadsheetApp.getActive().toast(table.problem, 'CDP', 15);
  const touches = (column) => column >= e.range.getColumn() && column <= e.range.getLastColumn();
  const edited = (row) => row.number >= e.range.getRow() && row.number <= e.range.getLastRow();
  const rows = table.rows.filter(edited);
  if (touches(table.send)) {
    const asked = markRequested_(table, rows);
    // Beside the marked rows: one whose mark another run overwrote while this one waited for the lock.
    const wants = (row) => row.status === SENDING || (asked[row.id] && !isDone_(row));
    return withLock_(() => sendRows_(table.sheet, wants, edited, {}, Date.now()));
  }
  if (table.data.some(touches)) markEdited_(table, rows);
  return 0;
}

/** Undo, sorting and inserted rows fire no edit; what they brought in may be waiting, or be a copy. */
function onSheetChange(e) {
  return e && ['INSERT_ROW', 'INSERT_GRID', 'OTHER'].includes(e.changeType) ? sweep() : 0;
}

/** Every five minutes: whatever still waits, on every tab. Returns the rows answered, -1 if another run is at it. */
function sweep() {
  const started = Date.now(), taken = {};
  const send = (sent, sheet) => sent + sendRows_(sheet, isWaiting_, () => false, taken, started);
  return withLock_(() => SpreadsheetApp.getActive().getSheets().reduce(send, 0));
}

function markRequested_(table, rows) {
  const texts = {}, asked = {};
  rows.filter((row) => !row.blank).forEach((row) => {
    if (isRequested_(row)) {
      if (row.id) asked[row.id] = true;
      if (!isDone_(row)) texts[row.number] = SENDING;
    } else if (row.request) texts[row.number] = UNKNOWN_REQUEST;
    else if (isWaiting_(row) || row.status === UNKNOWN_REQUEST) texts[row.number] = ''; // staff took it back
  });
  write_(table.sheet, table.status, texts);
  SpreadsheetApp.flush(); // let staff see “Đang gửi…” while we talk to the server
  return asked;
}

/** A row changed after it was sent must not go on claiming “Đã gửi”. */
function markEdited_(table, rows) {
  const texts = {}, notes = {};
  rows.filter((row) => isRequested_(row) && !isWaiting_(row) && row.mark !== row.print).forEach((row) => {
    texts[row.number] = editedText_(row);
    if (!isAccepted_(row) && !row.status.startsWith(EDITED)) notes[row.number] = 'Lần kiểm tra trước: ' + row.status;
  });
  write_(table.sheet, table.status, texts);
  write_(table.sheet, table.status, notes, true);
}
const isRequested_ = (row) => row.request === norm_(FIRST_TIME) || row.request === norm_(AGAIN);
const isAccepted_ = (row) => norm_(row.status) === norm_(FIRST_TIME);
const isDone_ = (row) => isAccepted_(row) && row.mark === row.print && row.request === norm_(FIRST_TIME);
const isWaiting_ = (row) => ['', SENDING].includes(row.status) || row.status.startsWith(UNSENT) || row.mark === WAIT;
// Names the request that the cell does not hold yet: choosing the same value again fires no edit.
const editedText_ = (row) => EDITED + (row.asked === AGAIN ? FIRST_TIME : AGAIN);

function withLock_(work) {
  const lock = LockService.getScriptLock();
  if (!lock.tryLock(20000)) return -1; // the marked rows stay marked: the sweep sends them
  try { return work(); } finally { lock.releaseLock(); }
}

/** Posts the wanted rows of one tab, batch by batch; each verdict is written before the next batch leaves. */
function sendRows_(sheet, wants, isNew, taken, started) {
  const table = readTable_(sheet);
  if (!table || table.problem) return 0;
  if (!table.id) addIdColumn_(table);
  giveIds_(table, wants, isNew, taken);
  const queue = table.rows.filter((row) => !row.blank && isRequested_(row) && wants(row));
  let sent = 0;
  while (sent < queue.length && Date.now() - started < RUN_BUDGET_MS) {
    const batch = queue.slice(sent, sent + BATCH_ROWS), reply = post_(batchBody_(sheet, batch));
    const stop = reply.wait || reply.failure; // the next batch would only hear the same
    settle_(sheet, stop ? queue.slice(sent) : batch, reply);
    if (stop) break;
    sent += batch.length;
  }
  return sent;
}

function batchBody_(sheet, rows) {
  return JSON.stringify({
    batch_id: Utilities.getUuid(),
    sheet: { spreadsheet_id: SpreadsheetApp.getActive().getId(), sheet_name: sheet.getName() },
    rows: rows.map((row) => ({ row_id: row.id, row_number: row.number, request: row.asked, values: row.values })),
  });
}

/** The same body, so the same batch id, on every attempt: the server recognises what it has already stored. */
function post_(body) {
  const properties = PropertiesService.getScriptProperties();
  const [url, secret] = ['CDP_URL', 'CDP_SECRET'].map((name) => (properties.getProperty(name) || '').trim());
  if (!url || !secret) return { failure: 'chưa cài đặt kết nối (menu CDP › Cài đặt kết nối)' };
  for (let attempt = 0; ; attempt++) {
    const reply = postOnce_(url, secret, body), wait = reply.retryAfterMs || 1000 * Math.pow(2, attempt);
    if (!reply.retry || attempt === RETRIES || wait > LONGEST_WAIT_MS) return reply;
    Utilities.sleep(wait);
  }
}

function postOnce_(url, secret, body) {
  const stamp = String(Math.floor(Date.now() / 1000)); // signed afresh: the server refuses a stamp 5 minutes old
  const headers = { 'X-CDP-Timestamp': stamp, 'X-CDP-Signature': 'sha256=' + hmacHex_(stamp + '.' + body, secret) };
  const request = { method: 'post', contentType: 'application/json; charset=utf-8', payload: body, headers };
  try {
    return readReply_(UrlFetchApp.fetch(url, { ...request, muteHttpExceptions: true, followRedirects: false }));
  } catch (error) {
    console.warn('CDP webhook unreachable: %s', error);
    return { retry: true, failure: 'không kết nối được máy chủ' };
  }
}

function readReply_(response) {
  const code = response.getResponseCode(), headers = response.getHeaders();
  let answer = null;
  try { answer = JSON.parse(response.getContentText()); } catch (error) { /* a proxy's page: its code says enough */ }
  if (code === 200 && answer && Array.isArray(answer.results)) {
    return { code, results: Object.fromEntries(answer.results.map((result) => [result.row_id, result])) };
  }
  const refusal = REFUSALS[code];
  if (refusal) return { code, refusal: String((answer && answer.status) || refusal.text), wait: refusal.wait };
  const after = Object.keys(headers).find((name) => name.toLowerCase() === 'retry-after');
  const retryAfterMs = after ? 1000 * Number(headers[after]) || 0 : 0;
  return { code, retry: code === 429 || code >= 500, retryAfterMs, failure: `máy chủ bận hoặc báo lỗi (mã ${code})` };
}

/** Writes the verdicts to wherever the rows are by now; a row edited meanwhile hears that it must be sent again. */
function settle_(sheet, batch, reply) {
  const table = readTable_(sheet);
  if (!table || table.problem || !table.id) return;
  const rows = {}, texts = {}, notes = {}, marks = {}, requests = {};
  table.rows.forEach((row) => { if (!(row.id in rows)) rows[row.id] = row; });
  batch.filter((sent) => rows[sent.id]).forEach((sent) => {
    const row = rows[sent.id], verdict = judge_(reply, sent);
    // Turned back so that staff can choose “Cập nhật lại” again.
    if (verdict.accepted && row.asked === AGAIN) requests[row.number] = row.asked = FIRST_TIME;
    texts[row.number] = verdict.mark === sent.print && row.print !== sent.print ? editedText_(row) : verdict.text;
    [notes[row.number], marks[row.number]] = [verdict.note, verdict.mark];
  });
  write_(sheet, table.status, texts);
  write_(sheet, table.status, notes, true);
  write_(sheet, table.id, marks, true);
  write_(sheet, table.send, requests);
}

function judge_(reply, sent) {
  const result = (reply.results || {})[sent.id];
  if (result) return { text: `${result.status}`, note: result.note || '', mark: sent.print, accepted: result.accepted };
  if (reply.refusal) return { text: reply.refusal, note: '', mark: reply.wait ? WAIT : '' };
  return { text: UNSENT + (reply.failure || 'máy chủ bỏ sót dòng này') + WILL_RETRY, note: '', mark: '' };
}

function addIdColumn_(table) {
  const sheet = table.sheet, last = sheet.getLastColumn();
  if (sheet.getMaxColumns() <= last) sheet.insertColumnAfter(last);
  sheet.getRange(HEADER_ROW, table.id = last + 1).setValue(ROW_ID);
  sheet.hideColumns(table.id);
}

/**
 * Ids for wanted rows that have none, and for copies: a copy must not speak for its original, which is the row that
 * reads as it was sent, else the one not just pasted, else the upper. An emptied row gives its id up for another.
 */
function giveIds_(table, wants, isNew, taken) {
  const ids = {}, marks = {}, texts = {};
  const rank = (row) => (row.mark === row.print ? 0 : 2) + (isNew(row) ? 1 : 0);
  const owners = table.rows.filter((row) => row.id && !row.blank);
  owners.sort((a, b) => rank(a) - rank(b) || a.number - b.number).forEach((row) => {
    if (!(row.id in taken)) { taken[row.id] = true; return; }
    ids[row.number] = row.id = Utilities.getUuid();
    if (row.mark !== WAIT) marks[row.number] = row.mark = '';
    if (isAccepted_(row)) texts[row.number] = row.status = COPIED; // it is the original that was sent
  });
  table.rows.forEach((row) => {
    if (row.blank && row.id) ids[row.number] = marks[row.number] = texts[row.number] = '';
    if (!row.blank && !row.id && isRequested_(row) && wants(row)) ids[row.number] = row.id = Utilities.getUuid();
  });
  write_(table.sheet, table.id, ids);
  write_(table.sheet, table.id, marks, true);
  write_(table.sheet, table.status, texts);
}

/** The tab as it reads now; null when it is not one of ours, `problem` when one of the two columns is missing. */
function readTable_(sheet) {
  const height = sheet.getLastRow(), width = sheet.getLastColumn();
  if (height < HEADER_ROW || width < 1) return null;
  const cells = sheet.getRange(HEADER_ROW, 1, height, width).getDisplayValues();
  const heads = cells[0].map(norm_), at = (name) => heads.indexOf(norm_(name)) + 1;
  const table = { sheet, send: at(SEND), status: at(STATUS), id: at(ROW_ID), rows: [] };
  if (!table.send && !table.status) return null;
  const missing = !table.send ? SEND : !table.status ? STATUS : '';
  if (missing) return { problem: `Trang tính “${sheet.getName()}” thiếu cột “${missing}” ở dòng 1, chưa gửi dòng nào` };
  const system = [table.send, table.status, table.id], names = cells[0].map((head) => head.normalize('NFC').trim());
  table.data = heads.map((head, i) => (head ? i + 1 : 0)).filter((column) => column && !system.includes(column));
  const marks = table.id ? sheet.getRange(HEADER_ROW, table.id, height, 1).getNotes() : [];
  table.rows = cells.slice(1).map((row, i) => readRow_(table, names, row, HEADER_ROW + 1 + i, marks[i + 1]));
  return table;
}

function readRow_(table, names, cells, number, mark) {
  const values = Object.fromEntries(table.data.map((column) => [names[column - 1], cells[column - 1]]));
  const filled = Object.keys(values).filter((name) => values[name].trim());
  const print = fingerprint_(filled.map((name) => name + '=' + values[name]).join('\n'));
  const request = norm_(cells[table.send - 1]), asked = request === norm_(AGAIN) ? AGAIN : FIRST_TIME;
  const status = cells[table.status - 1].trim();
  const id = table.id && /^\S{1,80}$/.test(cells[table.id - 1]) ? cells[table.id - 1] : ''; // else refused for the batch
  return { number, values, blank: !filled.length, print, request, asked, status, id, mark: mark ? mark[0] : '' };
}

/** One call for each run of neighbouring rows: a call costs more than the cells in it. */
function write_(sheet, column, byRow, asNotes) {
  let numbers = Object.keys(byRow).map(Number).sort((a, b) => a - b), start = 0;
  numbers.forEach((number, i) => {
    if (numbers[i + 1] === number + 1) return;
    const run = numbers.slice(start, i + 1).map((each) => [asNotes ? byRow[each] : plain_(byRow[each])]);
    const range = sheet.getRange(numbers[start], column, run.length, 1);
    if (asNotes) range.setNotes(run); else range.setValues(run);
    start = i + 1;
  });
}

/** Text of the server stays text: a leading apostrophe keeps Sheets from reading it as a formula. */
const plain_ = (text) => (/^\s*[=+\-@']/.test(text) ? "'" + text : text);
/** Staff type NFD, no-break spaces, other capitals, and Ð (U+00D0) for Đ: all of it means the same word. */
const norm_ = (text) => String(text).normalize('NFC').replace(/[\u00d0\u0189]/g, 'Đ').replace(/[\u00f0\u0256]/g, 'đ')
  .replace(/[\s\u200b\ufeff]+/g, ' ').trim().toLowerCase();
/** FNV-1a: tells whether a row changed, protects nothing. */
const fingerprint_ = (text) =>
  (text.split('').reduce((hash, c) => Math.imul(hash ^ c.charCodeAt(0), 0x01000193), 0x811c9dc5) >>> 0).toString(16);
/** Apps Script hands out signed bytes; without the charset Vietnamese text would be signed as something else. */
const hmacHex_ = (text, secret) => Utilities.computeHmacSha256Signature(text, secret, Utilities.Charset.UTF_8)
  .map((byte) => ('0' + (byte & 0xff).toString(16)).slice(-2)).join('');
