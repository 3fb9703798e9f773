/** Heartbeat after each sweep: how the sheet is; and back: what became of its rows, and whether a newer script waits. */
const MOST_OUTCOMES = 500, PULSES_A_SWEEP = 10;

function beat_(tables, started) {
  const answer = pulse_(tables, started);
  if (answer && answer.checkup_due) checkup_(tables, started);
}

/** Tells and hears, as often as the server has more to tell; its last answer, or null. The lock must be held. */
function pulse_(tables, started) {
  let answer = null;
  for (let round = 0; round < PULSES_A_SWEEP && Date.now() - started < RUN_BUDGET_MS; round++) {
    answer = post_('/pulse', pulseBody_(tables), started).answer;
    if (!answer) return null;
    keep_('CDP_LATEST', answer.latest_version);
    const outcomes = answer.outcomes || [];
    if (outcomes.length && !writeOutcomes_(tables, outcomes, started)) break; // told again next time
    if (outcomes.length) keep_('CDP_HEARD', answer.cursor);
    if (outcomes.length < MOST_OUTCOMES) break;
  }
  if (answer) tables.filter((table) => !table.problem).forEach((table) => sayAtHeading_(table, answer));
  return answer;
}

function pulseBody_(tables) {
  const speaker = speaker_(tables), waits = (row) => !row.blank && isRequested_(row) && isWaiting_(row);
  return JSON.stringify({
    version: VERSION,
    sheet: sheetName_(speaker && speaker.sheet),
    headers: speaker ? speaker.names : [],
    waiting: tables.reduce((sum, table) => sum + (table.rows || []).filter(waits).length, 0),
    calls_left: callsLeft_(),
    problems: problems_(tables).concat(isSaving_() ? SAVING : []),
    heard: Number(kept_('CDP_HEARD')) || 0,
  });
}

/** The tab whose headers are told: one that can show outcomes, if any can. */
const speaker_ = (tables) => {
  const ours = tables.filter((table) => !table.problem);
  return ours.find((table) => table.outcome) || ours[0];
};

function problems_(tables) {
  if (!tables.length) return [`Chưa có trang tính nào có cột “${SEND}” ở dòng 1`];
  const twins = (table) => (table.twins || []).map((name) =>
    `Trang tính “${table.sheet.getName()}” có hai cột “${name}”: chỉ cột bên trái được gửi`);
  return tables.flatMap((table) => (table.problem ? [table.problem] : twins(table)));
}

/** Into the cells of these rows and no other; false if time ran out. A tab is read again: rows move while we talk. */
function writeOutcomes_(tables, outcomes, started) {
  return tables.filter((table) => table.outcome).every(({ sheet }) => {
    const table = readTable_(sheet), texts = {};
    if (!table || table.problem || !table.outcome) return true; // taken away this very moment
    const rows = rowsById_(table), late = () => Date.now() - started > RUN_BUDGET_MS;
    outcomes.filter(({ row_id, text }) => rows[row_id] && rows[row_id].outcome !== text)
      .forEach(({ row_id, text }) => { texts[rows[row_id].number] = text; });
    if (late()) return false;
    write_(sheet, table.outcome, texts);
    return !late();
  });
}

/** What people should know stands in the note of the status heading; written only when it changes. */
function sayAtHeading_(table, answer) {
  const text = [`CDP ${VERSION}`, answer.says, isSaving_() ? SAVING : ''].filter(Boolean).join('\n');
  const heading = table.sheet.getRange(HEADER_ROW, table.status);
  if (heading.getNote() !== text) heading.setNote(text);
}

/** The version to change to, or nothing. */
function newerVersion_() {
  const [mine, latest] = [VERSION, kept_('CDP_LATEST')].map((version) => version.split('.').map(Number));
  const at = latest.findIndex((number, i) => number !== (mine[i] || 0));
  return at >= 0 && latest[at] > (mine[at] || 0) ? kept_('CDP_LATEST') : '';
}

const kept_ = (name) => PropertiesService.getScriptProperties().getProperty(name) || '';
/** Few and short: Google keeps 9 KB a value, and counts every writing. */
function keep_(name, value) {
  const text = String(value === undefined ? '' : value);
  if (kept_(name) !== text) PropertiesService.getScriptProperties().setProperty(name, text);
}
