/** Installing: the connection, the triggers, the columns and their guards. Running it again mends what was removed. */
const GUARD = 'CDP: cột của hệ thống, xin đừng sửa tay';
const SECRET_PLEASE = 'Dán mã bí mật của nguồn dữ liệu';
const TRIGGERS = ['onSheetEdit', 'onSheetChange', 'sweep'];

function setup() {
  const ui = SpreadsheetApp.getUi(), connection = FILLED.url && FILLED.secret ? FILLED : askConnection_(ui);
  if (!connection) return;
  PropertiesService.getScriptProperties().setProperties({ CDP_URL: connection.url, CDP_SECRET: connection.secret });
  offerColumns_(ui);
  install();
  const unguarded = readAll_().filter((table) => !table.problem).map(guard_).find(Boolean);
  checkConnection(unguarded);
}

/** One paste is enough: the page copies address and secret together. Null when the person gives up or errs. */
function askConnection_(ui) {
  const ask = (question) => ui.prompt('CDP', question, ui.ButtonSet.OK_CANCEL).getResponseText().trim();
  const both = 'Dán chuỗi kết nối chép ở trang Nguồn dữ liệu (địa chỉ webhook, dấu cách, mã bí mật)';
  const words = ask(FILLED.url ? SECRET_PLEASE : both).split(/\s+/).filter(Boolean);
  if (!words.length) return null;
  const url = (words.find((word) => /^https?:/i.test(word)) || FILLED.url || connection_().url).replace(/\/+$/, '');
  if (!/^(https:\/\/|http:\/\/(localhost|127\.0\.0\.1)[:/])\S*\/hooks\/sheets\/[^/\s]+$/.test(url)) {
    const read = url || words[0];
    ui.alert(`“${read}” không phải địa chỉ webhook, cần dạng https://…/hooks/sheets/… Chưa lưu gì, hãy chép lại.`);
    return null;
  }
  const secret = words.find((word) => !/^https?:/i.test(word)) || ask(SECRET_PLEASE);
  return secret ? { url, secret } : null;
}

/** Installable triggers, because a simple onEdit may not call UrlFetchApp. */
function install() {
  ScriptApp.getProjectTriggers().filter((trigger) => TRIGGERS.includes(trigger.getHandlerFunction()))
    .forEach((trigger) => ScriptApp.deleteTrigger(trigger));
  ScriptApp.newTrigger('onSheetEdit').forSpreadsheet(SpreadsheetApp.getActive()).onEdit().create();
  ScriptApp.newTrigger('onSheetChange').forSpreadsheet(SpreadsheetApp.getActive()).onChange().create();
  ScriptApp.newTrigger('sweep').timeBased().everyMinutes(5).create();
}

/** Asks before it adds: to a tab that has one of the two columns, or to the open one when no tab has any. */
function offerColumns_(ui) {
  const sheet = SpreadsheetApp.getActiveSheet(), width = sheet.getLastColumn();
  if (width < 1 || (!readTable_(sheet) && readAll_().length)) return;
  const heads = sheet.getRange(HEADER_ROW, 1, 1, width).getDisplayValues()[0].map(norm_);
  const missing = [SEND, STATUS].filter((name) => !heads.includes(norm_(name)));
  if (!missing.length) return;
  const question = `Trang tính “${sheet.getName()}” chưa có cột “${missing.join('”, “')}”. Thêm vào cuối bảng?`;
  if (ui.alert('CDP', question, ui.ButtonSet.YES_NO) !== ui.Button.YES) return;
  missing.forEach((name) => appendColumn_(sheet, name));
}

function addOutcomeColumn() {
  const tables = readAll_().filter((table) => !table.problem && !table.outcome);
  tables.forEach((table) => {
    table.outcome = appendColumn_(table.sheet, OUTCOME);
    guard_(table);
  });
  const added = `Đã thêm cột “${OUTCOME}” vào ${tables.length} trang tính; kết quả được ghi vào trong vài phút.`;
  SpreadsheetApp.getUi().alert(tables.length ? added : `Mọi trang tính đã có cột “${OUTCOME}”.`);
}

const readAll_ = () => SpreadsheetApp.getActive().getSheets().map((sheet) => readTable_(sheet)).filter(Boolean);

/**
 * Warns people who edit the system's columns, and offers the two requests as a list; forbids nothing.
 * Returns why not, where the installer lacks the right: the sheet works without.
 */
function guard_(table) {
  try {
    protect_(table);
    const offer = SpreadsheetApp.newDataValidation().requireValueInList([FIRST_TIME, AGAIN], true)
      .setAllowInvalid(true).setHelpText(UNKNOWN_REQUEST).build(), below = table.sheet.getMaxRows() - HEADER_ROW;
    if (below > 0) table.sheet.getRange(HEADER_ROW + 1, table.send, below, 1).setDataValidation(offer);
    return '';
  } catch (error) {
    console.warn('CDP guards: %s', error);
    return 'Chưa bảo vệ được các cột của hệ thống: người cài cần có quyền sửa toàn bộ trang tính.';
  }
}

function protect_({ sheet, status, id, outcome }) {
  sheet.getProtections(SpreadsheetApp.ProtectionType.RANGE)
    .filter((protection) => protection.getDescription() === GUARD).forEach((protection) => protection.remove());
  [status, id, outcome].filter(Boolean).forEach((column) =>
    sheet.getRange(1, column, sheet.getMaxRows(), 1).protect().setDescription(GUARD).setWarningOnly(true));
}

/** An empty batch is enough: address, signature and campaign are judged before the rows are looked at. */
function checkConnection(alsoSay) {
  const reply = post_('', batchBody_(SpreadsheetApp.getActiveSheet(), []), Date.now());
  const link = reply.answer || reply.code === 400 ? 'Kết nối tốt.' : reply.refusal || UNSENT + reply.failure;
  const tables = readAll_();
  if (reply.answer) withLock_(() => pulse_(tables, Date.now()));
  const newer = newerVersion_(), lines = [link, ...problems_(tables), newer && updateText_(newer), alsoSay];
  SpreadsheetApp.getUi().alert(lines.filter((line) => line && typeof line === 'string').join('\n'));
}

const updateText_ = (newer) => `Đã có bản mã ${newer}, bảng tính đang dùng ${VERSION}. Tải bản mới ở trang Nguồn dữ liệu,`
  + ' dán thay toàn bộ mã trong Tiện ích mở rộng › Apps Script rồi bấm Lưu.';

function showUpdate() {
  SpreadsheetApp.getUi().alert(updateText_(newerVersion_()));
}
