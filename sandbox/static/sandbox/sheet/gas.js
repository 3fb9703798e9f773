/* Stand-ins for the Google services that Code.gs calls, over Practice.Grid: same names, same quirks, nothing more. */
(function (root) {
  'use strict';
  const Practice = root.Practice = root.Practice || {};

  class Range {
    constructor(sheet, row, column, height = 1, width = 1) {
      const { grid } = sheet;
      const inside = row >= 1 && column >= 1 && height >= 1 && width >= 1;
      if (!inside || row + height - 1 > grid.height || column + width - 1 > sheet.getMaxColumns()) {
        throw new Error(`The coordinates of the range are outside the dimensions of the sheet: ${row},${column},${height},${width}`);
      }
      Object.assign(this, { sheet, grid, row, column, height, width });
    }

    getSheet() { return this.sheet; }
    getRow() { return this.row; }
    getColumn() { return this.column; }
    getLastRow() { return this.row + this.height - 1; }
    getLastColumn() { return this.column + this.width - 1; }
    getNumRows() { return this.height; }
    getNumColumns() { return this.width; }
    getA1Notation() {
      const first = Practice.letter(this.column) + this.row, last = Practice.letter(this.getLastColumn()) + this.getLastRow();
      return first === last ? first : `${first}:${last}`;
    }

    map(read) {
      return Array.from({ length: this.height }, (_, i) =>
        Array.from({ length: this.width }, (_unused, j) => read(this.row + i, this.column + j)));
    }

    fill(values, write) {
      if (values.length !== this.height || values.some((line) => line.length !== this.width)) {
        throw new Error('The number of rows or columns in the data does not match the range');
      }
      values.forEach((line, i) => line.forEach((value, j) => write(this.row + i, this.column + j, value)));
      return this;
    }

    getDisplayValues() { return this.map((row, column) => this.grid.get(row, column)); }
    getDisplayValue() { return this.getDisplayValues()[0][0]; }
    getValues() { return this.getDisplayValues(); }
    getValue() { return this.getDisplayValue(); }
    setValues(values) { return this.fill(values, (row, column, value) => this.grid.write(row, column, value)); }
    setValue(value) { return this.setValues(this.map(() => value)); }
    getNotes() { return this.map((row, column) => this.grid.note(row, column)); }
    getNote() { return this.getNotes()[0][0]; }
    setNotes(notes) { return this.fill(notes, (row, column, text) => this.grid.setNote(row, column, text)); }
    setNote(text) { return this.setNotes(this.map(() => text)); }
    getMergedRanges() { return this.grid.merged.map((place) => new Range(this.sheet, ...place)); }

    setDataValidation(rule) {
      this.grid.validation = { column: this.column, row: this.row, height: this.height, rule };
      return this;
    }

    protect() {
      const { grid, column } = this, kept = { column, description: '', warns: false };
      grid.guards.push(kept);
      const protection = {
        setDescription(text) { kept.description = text; return protection; },
        setWarningOnly(warns) { kept.warns = warns; return protection; },
        getDescription: () => kept.description,
        isWarningOnly: () => kept.warns,
        remove() { grid.guards = grid.guards.filter((each) => each !== kept); },
      };
      kept.protection = protection;
      return protection;
    }
  }

  class Sheet {
    constructor(spreadsheet, grid) { Object.assign(this, { spreadsheet, grid }); }
    getName() { return this.grid.name; }
    getParent() { return this.spreadsheet; }
    getLastRow() { return this.grid.lastRow; }
    getLastColumn() { return this.grid.columns.reduce((last, name, i) => (name === '' ? last : i + 1), 0); }
    getMaxRows() { return this.grid.height; }
    getMaxColumns() { return this.grid.width; }
    getRange(row, column, height, width) { return new Range(this, row, column, height, width); }
    insertColumnAfter(column) { this.grid.insertColumn(column); return this; }
    hideColumns(column) { this.grid.hide(column); }
    isColumnHiddenByUser(column) { return this.grid.hidden.has(column); }
    getProtections() { return this.grid.guards.map((guard) => guard.protection); }
  }

  function spreadsheetApp({ id, name, grids, page }) {
    const sheets = [];
    const spreadsheet = {
      getId: () => id, getName: () => name, getSheets: () => sheets.slice(), getActiveSheet: () => sheets[0],
      getSheetByName: (wanted) => sheets.find((sheet) => sheet.getName() === wanted) ?? null,
      toast: (text, title) => page.toast(text, title),
    };
    grids.forEach((grid) => sheets.push(new Sheet(spreadsheet, grid)));
    const ui = userInterface(page);
    return {
      getActive: () => spreadsheet, getActiveSpreadsheet: () => spreadsheet, getActiveSheet: () => sheets[0],
      getUi: () => ui, flush() {},
      ProtectionType: { RANGE: 'RANGE', SHEET: 'SHEET' }, newDataValidation: () => validation({}),
    };
  }

  function validation(rule) {
    const add = (facts) => validation({ ...rule, ...facts });
    return {
      requireValueInList: (values, showsList) => add({ values, showsList }),
      setAllowInvalid: (allowed) => add({ allowed }),
      setHelpText: (help) => add({ help }),
      build: () => rule,
    };
  }

  function userInterface(page) {
    const Button = { OK: 'OK', CANCEL: 'CANCEL', CLOSE: 'CLOSE', YES: 'YES', NO: 'NO' };
    const menu = (title, items = []) => ({
      addItem(caption, handler) { items.push({ caption, handler }); return this; },
      addSeparator() { return this; },
      addToUi() { page.menu(title, items); },
    });
    return {
      Button, ButtonSet: { OK: 'OK', OK_CANCEL: 'OK_CANCEL', YES_NO: 'YES_NO' },
      createMenu: (title) => menu(title),
      alert(...texts) {
        if (texts[2] === 'YES_NO') return page.confirm(texts[1]) ? Button.YES : Button.NO;
        page.alert(texts.join('\n'));
        return Button.OK;
      },
      prompt(title, question) {
        const text = page.prompt(question);
        return { getSelectedButton: () => (text === null ? Button.CANCEL : Button.OK), getResponseText: () => text ?? '' };
      },
    };
  }

  function scriptApp() {
    let triggers = [];
    const add = (handler, type) => ({
      create() {
        const trigger = { getHandlerFunction: () => handler, getEventType: () => type, getUniqueId: () => Practice.uuid() };
        triggers.push(trigger);
        return trigger;
      },
    });
    return {
      getProjectTriggers: () => triggers.slice(),
      deleteTrigger(trigger) { triggers = triggers.filter((each) => each !== trigger); },
      newTrigger: (handler) => ({
        forSpreadsheet: () => ({ onEdit: () => add(handler, 'ON_EDIT'), onChange: () => add(handler, 'ON_CHANGE') }),
        timeBased: () => ({ everyMinutes: () => add(handler, 'CLOCK') }),
      }),
    };
  }

  function propertiesService(start) {
    const kept = { ...start };
    const keep = (key, value) => {
      if (Practice.utf8(String(value)).length > 9 * 1024) throw new Error(`Argument too large: ${key}`);
      kept[key] = String(value);
    };
    const store = {
      getProperty: (key) => kept[key] ?? null, getProperties: () => ({ ...kept }),
      setProperty(key, value) { keep(key, value); return store; },
      setProperties(values) { Object.entries(values).forEach((each) => keep(...each)); return store; },
      deleteProperty(key) { delete kept[key]; return store; },
    };
    return { getScriptProperties: () => store };
  }

  function lockService() {
    let held = false;
    const lock = {
      tryLock() { if (held) return false; held = true; return true; },
      hasLock: () => held,
      releaseLock() { held = false; },
    };
    return { getScriptLock: () => lock };
  }

  /** `fetch(url, options)` answers {code, headers, text} or throws, as a lost network does. */
  function urlFetchApp(fetch) {
    return {
      fetch(url, options = {}) {
        const { code, headers, text } = fetch(url, options);
        if (code >= 400 && !options.muteHttpExceptions) throw new Error(`Request failed for ${url} returned code ${code}`);
        return {
          getResponseCode: () => code, getContentText: () => text, getHeaders: () => headers, getAllHeaders: () => headers,
        };
      },
    };
  }

  function utilities(sleep) {
    // Without a charset Google signs ASCII: what is not ASCII becomes a question mark.
    const bytes = (text, charset) => Practice.utf8(charset ? text : text.replace(/[^\x00-\x7f]/g, '?'));
    return {
      Charset: { UTF_8: 'UTF_8', US_ASCII: 'US_ASCII' },
      getUuid: () => Practice.uuid(),
      sleep,
      computeHmacSha256Signature: (value, key, charset) =>
        Array.from(Practice.hmacSha256(bytes(key, charset), bytes(value, charset)), (byte) => (byte << 24) >> 24), // signed, as Java's
    };
  }

  Practice.uuid = function () {
    // Not crypto.randomUUID(): that one is missing on a plain http address of the local network.
    const bytes = root.crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
  };

  Practice.letter = (column) =>
    (column > 26 ? String.fromCharCode(64 + Math.floor((column - 1) / 26)) : '') + String.fromCharCode(65 + ((column - 1) % 26));

  /** The globals of one Apps Script project. `page` shows toasts, alerts, prompts and menus. */
  Practice.services = function ({ id, name, grids, properties, fetch, page, sleep = () => {} }) {
    return {
      SpreadsheetApp: spreadsheetApp({ id, name, grids, page }),
      ScriptApp: scriptApp(),
      PropertiesService: propertiesService(properties),
      LockService: lockService(),
      UrlFetchApp: urlFetchApp(fetch),
      Utilities: utilities(sleep),
    };
  };

  /** What Google hands to an installable onEdit trigger; value and oldValue only for a single cell. */
  Practice.editEvent = function ({ SpreadsheetApp }, row, column, height = 1, width = 1, values = {}) {
    const source = SpreadsheetApp.getActive(), range = source.getActiveSheet().getRange(row, column, height, width);
    const single = height === 1 && width === 1;
    return { authMode: 'FULL', source, range, triggerUid: Practice.uuid(), user: {}, ...(single ? values : {}) };
  };
})(globalThis);
