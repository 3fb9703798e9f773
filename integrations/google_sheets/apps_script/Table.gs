/** A tab as a table: its columns found by name wherever they stand, its rows known by their hidden ids. */

/**
 * The tab as it reads now, or only its rows `first` to `last`; null when it is not one of ours, `problem` when one of
 * the two columns is missing. Of two columns with one name the left one counts; the other is named in `twins`.
 */
function readTable_(sheet, first = HEADER_ROW + 1, last = Infinity) {
  const height = Math.min(sheet.getLastRow(), last), width = sheet.getLastColumn();
  if (sheet.getLastRow() < HEADER_ROW || width < 1) return null;
  const read = (row, count) => (count > 0 ? sheet.getRange(row, 1, count, width).getDisplayValues() : []);
  // The whole tab in one call: a column moved between two calls would give every cell another's name.
  const whole = first <= HEADER_ROW + 1, [header, ...below] = read(HEADER_ROW, whole ? Math.max(height, HEADER_ROW) : 1);
  const table = columns_(sheet, header);
  if (!table || table.problem) return table;
  first = whole ? HEADER_ROW + 1 : first;
  const cells = whole ? below : read(first, height - first + 1);
  const marks = table.id && cells.length ? sheet.getRange(first, table.id, cells.length, 1).getNotes() : [];
  table.rows = cells.map((row, i) => readRow_(table, row, first + i, marks[i]));
  return table;
}

function columns_(sheet, header) {
  const heads = header.map(norm_), at = (name) => heads.indexOf(norm_(name)) + 1;
  const table = { sheet, send: at(SEND), status: at(STATUS), id: at(ROW_ID), outcome: at(OUTCOME), rows: [] };
  if (!table.send && !table.status) return null;
  const missing = !table.send ? SEND : !table.status ? STATUS : '';
  const problem = `Trang tính “${sheet.getName()}” thiếu cột “${missing}” ở dòng 1, chưa gửi dòng nào`;
  if (missing) return { sheet, problem };
  const system = [SEND, STATUS, ROW_ID, OUTCOME].map(norm_);
  table.names = header.map((head) => head.normalize('NFC').trim());
  const data = heads.map((head, i) => (head && !system.includes(head) ? i + 1 : 0)).filter(Boolean);
  table.data = data.filter((column) => heads.indexOf(heads[column - 1]) === column - 1);
  table.twins = data.filter((column) => !table.data.includes(column)).map((column) => table.names[column - 1]);
  return table;
}

function readRow_(table, cells, number, mark) {
  const values = Object.fromEntries(table.data.map((column) => [table.names[column - 1], cells[column - 1]]));
  const filled = Object.keys(values).filter((name) => values[name].trim());
  const print = fingerprint_(filled.map((name) => name + '=' + values[name]).join('\n'));
  const request = norm_(cells[table.send - 1]), asked = request === norm_(AGAIN) ? AGAIN : FIRST_TIME;
  const status = cells[table.status - 1].trim(), outcome = table.outcome ? cells[table.outcome - 1] : '';
  const id = table.id && /^\S{1,80}$/.test(cells[table.id - 1]) ? cells[table.id - 1] : ''; // else refused for the batch
  const blank = !filled.length;
  return { number, cells, values, blank, print, request, asked, status, outcome, id, mark: mark ? mark[0] : '' };
}

/** Of two rows with one id, which the next sweep tells apart, the upper. */
function rowsById_(table) {
  const rows = {};
  table.rows.forEach((row) => { if (row.id && !(row.id in rows)) rows[row.id] = row; });
  return rows;
}

/** A new last column with this name; its number. */
function appendColumn_(sheet, name) {
  const last = sheet.getLastColumn();
  if (sheet.getMaxColumns() <= last) sheet.insertColumnAfter(last);
  sheet.getRange(HEADER_ROW, last + 1).setValue(name);
  return last + 1;
}

function addIdColumn_(table) {
  table.id = appendColumn_(table.sheet, ROW_ID);
  table.sheet.hideColumns(table.id);
  guard_(table);
}

/**
 * Ids for wanted rows that have none, and for copies: a copy must not speak for its original, which is the row that
 * reads as it was sent, else the one not just pasted, else the upper. An emptied row gives its id up for another.
 * A whole spreadsheet may be a copy too: the note of the id column's heading names the one that the ids belong to.
 */
function giveIds_(table, wants, isNew, taken) {
  const ids = {}, marks = {}, texts = {}, outcomes = {}, here = SpreadsheetApp.getActive().getId();
  const head = table.sheet.getRange(HEADER_ROW, table.id), home = head.getNote(), isForeign = home && home !== here;
  const rank = (row) => (row.mark === row.print ? 0 : 2) + (isNew(row) ? 1 : 0);
  const owners = table.rows.filter((row) => row.id && !row.blank);
  owners.sort((a, b) => rank(a) - rank(b) || a.number - b.number).forEach((row) => {
    if (!isForeign && !(row.id in taken)) { taken[row.id] = true; return; }
    ids[row.number] = row.id = Utilities.getUuid();
    if (row.mark !== WAIT) marks[row.number] = row.mark = '';
    if (isAccepted_(row)) texts[row.number] = row.status = COPIED; // it is the original that was sent
    if (row.outcome) outcomes[row.number] = '';
  });
  table.rows.forEach((row) => {
    if (row.blank && row.id) ids[row.number] = marks[row.number] = texts[row.number] = '';
    if (row.blank && row.id && row.outcome) outcomes[row.number] = '';
    if (!row.blank && !row.id && isRequested_(row) && wants(row)) ids[row.number] = row.id = Utilities.getUuid();
  });
  // The ids last, and then whose they are: a run that dies before finds the same copies again.
  if (table.outcome) write_(table.sheet, table.outcome, outcomes);
  write_(table.sheet, table.status, texts);
  write_(table.sheet, table.id, marks, true);
  write_(table.sheet, table.id, ids);
  if (home !== here) head.setNote(here);
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

/** Text of the server stays text: a leading apostrophe keeps Sheets from reading a formula, a number or a date. */
const plain_ = (text) => (/^\s*[=+\-@'\d]/.test(text) ? "'" + text : text);
/** Staff type NFD, no-break spaces, other capitals, and Ð (U+00D0) for Đ: all of it means the same word. */
const norm_ = (text) => String(text).normalize('NFC').replace(/[\u00d0\u0189]/g, 'Đ').replace(/[\u00f0\u0256]/g, 'đ')
  .replace(/[\s\u200b\ufeff]+/g, ' ').trim().toLowerCase();
/** FNV-1a: tells whether a row changed, protects nothing. */
const fingerprint_ = (text) =>
  (text.split('').reduce((hash, c) => Math.imul(hash ^ c.charCodeAt(0), 0x01000193), 0x811c9dc5) >>> 0).toString(16);
