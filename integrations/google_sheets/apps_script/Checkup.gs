/** The nightly copy of the sheet, for the server's doctor and for the comparison of sheet and Data Hub. */
const COPY_ROWS = 20000, COPY_BYTES = 7500000, COPY_MERGED = 1000, COPY_RETRY_MS = 60 * 60 * 1000;
const COPY_BEFORE_MS = 120000; // of a run: reading and posting a large sheet takes a minute

/** Posts one tab whole, and of the others who is there. Not twice in an hour: what was refused is refused again. */
function checkup_(tables, started) {
  const speaker = speaker_(tables), tried = Number(kept_('CDP_CHECKUP')) || 0;
  if (!speaker || isSaving_() || Date.now() - started > COPY_BEFORE_MS || Date.now() - tried < COPY_RETRY_MS) return;
  keep_('CDP_CHECKUP', Date.now());
  const table = readTable_(speaker.sheet);
  if (!table || table.problem) return;
  const others = tables.filter((each) => !each.problem && each !== speaker);
  post_('/checkup', copyBody_(table, others.flatMap((each) => ids_(each.rows))), started);
}

/** As much of the tab as one call may carry; the newest rows stand at the bottom. */
function copyBody_(table, elsewhere) {
  let rows = table.rows.filter((row) => !row.blank), left = [], body = '';
  for (let most = COPY_ROWS; ; most = Math.floor(rows.length * 0.9 * COPY_BYTES / bytes_(body))) {
    left = left.concat(rows.slice(0, Math.max(0, rows.length - most)));
    rows = rows.slice(-most);
    body = JSON.stringify({
      sheet: sheetName_(table.sheet),
      headers: table.names,
      merged: merged_(table.sheet),
      rows: rows.map((row) => [row.number, row.id, row.cells]),
      elsewhere: elsewhere.concat(ids_(left)),
    });
    if (bytes_(body) <= COPY_BYTES || rows.length < 2) return body;
  }
}

const ids_ = (rows) => rows.filter((row) => row.id && !row.blank).map((row) => row.id);

const merged_ = (sheet) => sheet.getRange(1, 1, sheet.getLastRow(), sheet.getLastColumn()).getMergedRanges()
  .slice(0, COPY_MERGED).map((range) => range.getA1Notation());

/** How long a text is in UTF-8. */
function bytes_(text) {
  let bytes = text.length;
  for (let i = 0; i < text.length; i++) bytes += text.charCodeAt(i) > 0x7ff ? 2 : text.charCodeAt(i) > 0x7f ? 1 : 0;
  return bytes;
}
