/**
 * CDP sheet bridge: posts the visits that staff mark in “Gửi webhook” and writes the verdict beside them.
 * The status cell alone says whether a row still waits: an edit marks its rows “Đang gửi…”, then sends what is so
 * marked. A run that dies, finds the lock taken or loses the network leaves the text, and the sweep sends the row.
 * Row numbers move under sorting: a row is known by a hidden id, whose cell note (its `mark`) remembers what was sent.
 */
const VERSION = '1.1.0';
/** Written in by the download of a source's page; empty: the set-up asks. */
const FILLED = { url: '', secret: '' };
const HEADER_ROW = 1, SEND = 'Gửi webhook', STATUS = 'Trạng thái gửi Webhook', ROW_ID = '_cdp_id';
const OUTCOME = 'Kết quả gửi tin'; // optional: what became of the row's message
const FIRST_TIME = 'Đã gửi', AGAIN = 'Cập nhật lại', SENDING = 'Đang gửi…';
const UNSENT = 'Chưa gửi được: ', WILL_RETRY = ', hệ thống sẽ tự thử lại trong 5 phút';
const EDITED = 'Đã sửa, chưa gửi lại – đặt Gửi webhook = ';
const COPIED = 'Dòng sao chép, chưa gửi – sửa xong đặt Gửi webhook = ' + AGAIN;
const UNKNOWN_REQUEST = 'Gửi webhook chỉ nhận “' + FIRST_TIME + '” hoặc “' + AGAIN + '”';
const WAIT = 'chờ'; // the mark of a row held back by the connection as a whole; its status text is the server's own
const RUN_BUDGET_MS = 270000; // Google stops a run after 6 minutes; the next sweep goes on from here

/** A simple trigger: it may read properties, and nothing that asks for a permission. */
function onOpen() {
  const menu = SpreadsheetApp.getUi().createMenu('CDP').addItem('Cài đặt kết nối', 'setup')
    .addItem('Gửi lại các dòng đang chờ', 'resendWaiting').addItem('Thêm cột ' + OUTCOME, 'addOutcomeColumn')
    .addItem('Kiểm tra kết nối', 'checkConnection');
  const newer = newerVersion_();
  if (newer) menu.addItem(`Có bản mã mới ${newer}…`, 'showUpdate');
  menu.addToUi();
}

function resendWaiting() {
  const sent = sendWaiting_(), busy = 'Đang có lượt gửi khác chạy, vui lòng thử lại sau ít phút.';
  SpreadsheetApp.getUi().alert(sent < 0 ? busy : `Máy chủ đã trả lời cho ${sent} dòng đang chờ.`);
}

function onSheetEdit(e) {
  return e && e.range ? timed_(() => edited_(e.range)) : sweep();
}

/** Undo, sorting and inserted rows fire no edit; what they brought in may be waiting, or be a copy. */
function onSheetChange(e) {
  const mayWait = e && ['INSERT_ROW', 'INSERT_GRID', 'OTHER'].includes(e.changeType);
  return mayWait && !isSaving_() ? timed_(sendWaiting_) : 0;
}

/** Every five minutes: whatever still waits, on every tab; then the pulse. Returns the rows answered, -1 if busy. */
function sweep() {
  return isResting_() ? 0 : timed_(() => sendWaiting_(beat_));
}

function edited_(range) {
  const sheet = range.getSheet(), first = range.getRow(), last = range.getLastRow();
  const table = readTable_(sheet, first, last);
  if (!table) return 0; // a tab of another kind
  if (table.problem) return SpreadsheetApp.getActive().toast(table.problem, 'CDP', 15);
  const touches = (column) => column >= range.getColumn() && column <= range.getLastColumn();
  if (touches(table.send)) {
    const asked = markRequested_(table);
    if (isSaving_()) return SpreadsheetApp.getActive().toast(SAVING, 'CDP', 15);
    const edited = (row) => row.number >= first && row.number <= last;
    // Beside the marked rows: one whose mark another run overwrote while this one waited for the lock.
    const wants = (row) => row.status === SENDING || (asked[row.id] && !isDone_(row));
    return withLock_(() => sendRows_(sheet, wants, edited, {}, Date.now()).sent);
  }
  if (table.data.some(touches)) markEdited_(table);
  return 0;
}

/** Sends what waits on every tab; `afterwards` gets the tabs as they then read, while the lock is still held. */
function sendWaiting_(afterwards) {
  return withLock_(() => {
    const started = Date.now(), taken = {};
    const done = SpreadsheetApp.getActive().getSheets()
      .map((sheet) => sendRows_(sheet, isWaiting_, () => false, taken, started));
    if (afterwards) afterwards(done.map((each) => each.table).filter(Boolean), started);
    return done.reduce((sum, each) => sum + each.sent, 0);
  });
}

function withLock_(work) {
  const lock = LockService.getScriptLock();
  if (!lock.tryLock(20000)) return -1; // the marked rows stay marked: the sweep sends them
  try { return work(); } finally { lock.releaseLock(); }
}
