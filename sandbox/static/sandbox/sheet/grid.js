/* The cells of one tab, with their notes and hidden columns: no DOM, no services. Rows and columns count from 1. */
(function (root) {
  'use strict';
  const Practice = root.Practice = root.Practice || {};
  const HEADER = 1;

  class Grid {
    /** `rows` are lists of display strings; a string beyond the last column holds the notes of that row as JSON. */
    constructor({ name, columns, rows, hidden = [] }) {
      this.name = name;
      this.columns = columns.slice();
      this.hidden = new Set(hidden);
      this.lines = rows.map((cells) => Grid.line(cells, columns.length));
      this.headNotes = {};
      this.merged = []; // [row, column, height, width]
      this.guards = []; // protected columns: {column, description, warns}
      this.formulas = []; // what Sheets would have run as a formula: tests look here
      this.reads = 0; // cells that a script asked for
      this.listeners = [];
    }

    static line(cells, width) {
      const texts = Array.from({ length: width }, (_, i) => String(cells[i] ?? ''));
      return { cells: texts, notes: cells.length > width ? JSON.parse(cells[width] || '{}') : {} };
    }

    listen(listener) { this.listeners.push(listener); }
    tell(change) { this.listeners.forEach((listener) => listener(change)); }

    get height() { return this.lines.length + HEADER; }
    get width() { return this.columns.length; }

    /** The last row that holds anything, as Sheet.getLastRow() counts. */
    get lastRow() {
      for (let i = this.lines.length; i > 0; i--) if (this.lines[i - 1].cells.some((text) => text !== '')) return i + HEADER;
      return HEADER;
    }

    /** The first row in which no column that people see holds anything; 0 when every row does. */
    get firstBlank() {
      const at = this.lines.findIndex((line) => line.cells.every((text, i) => text === '' || this.hidden.has(i + 1)));
      return at < 0 ? 0 : at + 1 + HEADER;
    }

    get(row, column) {
      this.reads++;
      if (row === HEADER) return this.columns[column - 1] ?? '';
      return this.lines[row - HEADER - 1]?.cells[column - 1] ?? '';
    }

    /** What a script writes: a leading apostrophe is eaten, a leading = is a formula. */
    write(row, column, value) {
      let text = value === null || value === undefined ? '' : String(value);
      if (text.startsWith("'")) text = text.slice(1);
      else if (/^=./.test(text) || /^[+-]\D/.test(text)) {
        this.formulas.push(text);
        text = '#ERROR!';
      } else if (/^\+\d/.test(text)) text = text.slice(1); // read as a number
      this.put(row, column, text);
    }

    /** What a person sees in the cell from now on. */
    put(row, column, text) {
      if (row === HEADER) this.columns[column - 1] = text;
      else this.lines[row - HEADER - 1].cells[column - 1] = text;
      this.tell({ kind: row === HEADER ? 'shape' : 'cell', row, column });
    }

    note(row, column) {
      const notes = row === HEADER ? this.headNotes : this.lines[row - HEADER - 1]?.notes;
      return notes?.[column] ?? '';
    }

    setNote(row, column, text) {
      const notes = row === HEADER ? this.headNotes : this.lines[row - HEADER - 1].notes;
      if (text) notes[column] = text;
      else delete notes[column];
      if (row !== HEADER) this.tell({ kind: 'cell', row, column });
    }

    hide(column) {
      this.hidden.add(column);
      this.tell({ kind: 'shape' });
    }

    insertColumn(after) {
      this.columns.splice(after, 0, '');
      this.lines.forEach((line) => {
        line.cells.splice(after, 0, '');
        line.notes = Grid.moved(line.notes, after);
      });
      this.headNotes = Grid.moved(this.headNotes, after);
      this.hidden = new Set([...this.hidden].map((column) => (column > after ? column + 1 : column)));
      this.guards.forEach((guard) => { if (guard.column > after) guard.column++; });
      this.tell({ kind: 'shape' });
    }

    /** Takes a column out and puts it back in `to`, counted as the sheet then stands; notes and guards go along. */
    moveColumn(from, to) {
      const order = this.columns.map((_, i) => i + 1);
      order.splice(to - 1, 0, ...order.splice(from - 1, 1));
      const now = Object.fromEntries(order.map((was, i) => [was, i + 1]));
      const renumber = (notes) => Object.fromEntries(Object.entries(notes).map(([at, text]) => [now[at], text]));
      this.columns = order.map((was) => this.columns[was - 1]);
      this.lines = this.lines.map(({ cells, notes }) => ({ cells: order.map((was) => cells[was - 1]), notes: renumber(notes) }));
      this.headNotes = renumber(this.headNotes);
      this.hidden = new Set([...this.hidden].map((column) => now[column]));
      this.guards.forEach((guard) => { guard.column = now[guard.column]; });
      this.tell({ kind: 'shape' });
    }

    static moved(notes, after) {
      return Object.fromEntries(Object.entries(notes).map(([at, text]) => [Number(at) > after ? Number(at) + 1 : at, text]));
    }

    addRows(count) {
      for (let i = 0; i < count; i++) this.lines.push(Grid.line([], this.width));
      this.tell({ kind: 'shape' });
    }

    /** An empty row above this one. */
    insertRow(row) {
      this.lines.splice(row - HEADER - 1, 0, Grid.line([], this.width));
      this.tell({ kind: 'shape' });
    }

    deleteRow(row) {
      this.lines.splice(row - HEADER - 1, 1);
      this.tell({ kind: 'shape' });
    }

    /** A copy right below, hidden cells and notes included: that is how one id comes to stand in two rows. */
    copyRow(row) {
      const line = this.lines[row - HEADER - 1];
      this.lines.splice(row - HEADER, 0, { cells: line.cells.slice(), notes: { ...line.notes } });
      this.tell({ kind: 'shape' });
      return row + 1;
    }

    /** Sorts the rows by what one column shows; empty cells go last, as in Sheets. */
    sort(column, ascending) {
      const key = (line) => line.cells[column - 1];
      const order = new Intl.Collator('vi', { numeric: true });
      const compare = (a, b) => (!key(a) - !key(b)) || (ascending ? 1 : -1) * order.compare(sortable(key(a)), sortable(key(b)));
      this.lines.sort(compare);
      this.tell({ kind: 'shape' });
    }

    toRows() {
      return this.lines.map((line) => (Object.keys(line.notes).length ? [...line.cells, JSON.stringify(line.notes)] : line.cells.slice()));
    }
  }

  /** Dates are shown day first but sorted year first. */
  function sortable(text) {
    const date = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(text);
    return date ? `${date[3]}-${date[2].padStart(2, '0')}-${date[1].padStart(2, '0')}` : text;
  }

  /** The cells of copied text: tabs between columns, line ends between rows, quotes around a cell that holds either. */
  Practice.parseTsv = function (text) {
    const rows = [[]], cell = /("(?:[^"]|"")*"|[^\t\r\n]*)(\t|\r?\n|$)/y;
    while (cell.lastIndex < text.length) {
      const [, raw, end] = cell.exec(text) || (() => { throw new Error('TSV'); })();
      rows[rows.length - 1].push(raw.startsWith('"') && raw.length > 1 ? raw.slice(1, -1).replace(/""/g, '"') : raw);
      if (end === '\t' && cell.lastIndex === text.length) rows[rows.length - 1].push('');
      if (end.endsWith('\n') && cell.lastIndex < text.length) rows.push([]);
    }
    return rows;
  };

  Practice.Grid = Grid;
})(globalThis);
