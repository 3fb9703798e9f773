/** Rows that are to be sent: marking them, posting them, and writing each verdict to wherever its row is by then. */
const BATCH_ROWS = 500;

const isRequested_ = (row) => row.request === norm_(FIRST_TIME) || row.request === norm_(AGAIN);
const isAccepted_ = (row) => norm_(row.status) === norm_(FIRST_TIME);
const isDone_ = (row) => isAccepted_(row) && row.mark === row.print && row.request === norm_(FIRST_TIME);
const isWaiting_ = (row) => ['', SENDING].includes(row.status) || row.status.startsWith(UNSENT) || row.mark === WAIT;
// Names the request that the cell does not hold yet: choosing the same value again fires no edit.
const editedText_ = (row) => EDITED + (row.asked === AGAIN ? FIRST_TIME : AGAIN);

function markRequested_(table) {
  const texts = {}, asked = {};
  table.rows.filter((row) => !row.blank).forEach((row) => {
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
function markEdited_(table) {
  const texts = {}, notes = {};
  table.rows.filter((row) => isRequested_(row) && !isWaiting_(row) && row.mark !== row.print).forEach((row) => {
    texts[row.number] = editedText_(row);
    if (!isAccepted_(row) && !row.status.startsWith(EDITED)) notes[row.number] = 'Lần kiểm tra trước: ' + row.status;
  });
  write_(table.sheet, table.status, texts);
  write_(table.sheet, table.status, notes, true);
}

/** Posts the wanted rows of one tab, batch by batch; each verdict is written before the next batch leaves. */
function sendRows_(sheet, wants, isNew, taken, started) {
  const table = readTable_(sheet);
  if (!table || table.problem) return { sent: 0, table };
  if (!table.id) addIdColumn_(table);
  giveIds_(table, wants, isNew, taken);
  const queue = table.rows.filter((row) => !row.blank && isRequested_(row) && wants(row));
  let sent = 0;
  while (sent < queue.length && Date.now() - started < RUN_BUDGET_MS) {
    const batch = queue.slice(sent, sent + BATCH_ROWS), reply = post_('', batchBody_(sheet, batch), started);
    const stop = reply.wait || reply.failure; // the next batch would only hear the same
    settle_(sheet, stop ? queue.slice(sent) : batch, reply);
    if (stop) break;
    sent += batch.length;
  }
  return { sent, table: queue.length ? readTable_(sheet) : table };
}

function batchBody_(sheet, rows) {
  return JSON.stringify({
    batch_id: Utilities.getUuid(),
    sheet: sheetName_(sheet),
    rows: rows.map((row) => ({ row_id: row.id, row_number: row.number, request: row.asked, values: row.values })),
  });
}

const sheetName_ = (sheet) =>
  ({ spreadsheet_id: SpreadsheetApp.getActive().getId(), sheet_name: sheet ? sheet.getName() : '' });

/** Writes the verdicts to wherever the rows are by now; a row edited meanwhile hears that it must be sent again. */
function settle_(sheet, batch, reply) {
  const table = readTable_(sheet);
  if (!table || table.problem || !table.id) return;
  const texts = {}, notes = {}, marks = {}, held = {}, requests = {}, ids = {}, outcomes = {}, rows = rowsById_(table);
  const results = Object.fromEntries(((reply.answer || {}).results || []).map((result) => [result.row_id, result]));
  batch.filter((sent) => rows[sent.id]).forEach((sent) => {
    const row = rows[sent.id], verdict = judge_(reply, results[sent.id], sent);
    // Turned back so that staff can choose “Cập nhật lại” again.
    if (verdict.accepted && row.asked === AGAIN) requests[row.number] = row.asked = FIRST_TIME;
    if (verdict.newId) [ids[row.number], outcomes[row.number]] = [Utilities.getUuid(), ''];
    texts[row.number] = verdict.mark === sent.print && row.print !== sent.print ? editedText_(row) : verdict.text;
    notes[row.number] = verdict.note;
    (row.mark === WAIT ? held : marks)[row.number] = verdict.mark;
  });
  write_(sheet, table.id, ids);
  write_(sheet, table.id, marks, true);
  write_(sheet, table.send, requests);
  if (table.outcome) write_(sheet, table.outcome, outcomes);
  write_(sheet, table.status, notes, true);
  // Last what said that the rows wait, the text or the mark: a run that dies before leaves them waiting.
  write_(sheet, table.status, texts);
  write_(sheet, table.id, held, true);
}

/** What the cell says of one row that was sent; `mark` remembers what was judged. */
function judge_(reply, result, sent) {
  if (result && isAnothers_(result)) return { text: SENDING, note: '', mark: '', newId: true };
  if (result) return { text: `${result.status}`, note: result.note || '', mark: sent.print, accepted: result.accepted };
  if (reply.refusal) return { text: reply.refusal, note: '', mark: reply.wait ? WAIT : '' };
  return { text: UNSENT + (reply.failure || 'máy chủ bỏ sót dòng này') + WILL_RETRY, note: '', mark: '' };
}

/** The server knows this id as another patient's visit: the row was filled in anew, and is a visit of its own. */
const isAnothers_ = (result) => (result.errors || []).some((error) => error.code === 'row.copied_id');
