/* Draws a Practice.Grid as a table of inputs and tells what the person did; knows nothing of Google or the server. */
(function (root) {
  'use strict';
  const Practice = root.Practice = root.Practice || {};
  const CHOICES = {
    'Trạng thái': ['', 'Đặt lịch', 'Đang điều trị', 'Đã hoàn thành', 'Hủy'],
    'Gửi webhook': ['', 'Đã gửi', 'Cập nhật lại'],
  };
  const WRAPPED = 'Trạng thái gửi Webhook'; // reasons are sentences: shown in full, with the input on top

  function element(tag, attributes = {}, ...children) {
    const made = document.createElement(tag);
    Object.entries(attributes).forEach(([name, value]) => made.setAttribute(name, value));
    made.append(...children);
    return made;
  }

  class Table {
    /** `acts`: commit(row, column, text), paste(row, column, block), sort(column, ascending), choose(row, column). */
    constructor(node, grid, acts) {
      Object.assign(this, { node, grid, acts, sorted: { column: 0, ascending: false } });
      this.body = element('tbody');
      this.draw();
      grid.listen((change) => (change.kind === 'cell' ? this.refresh(change.row, change.column) : this.drawSoon()));
      node.addEventListener('change', (event) => this.changed(event.target));
      node.addEventListener('focusin', (event) => this.focused(event.target));
      node.addEventListener('keydown', (event) => this.key(event));
      node.addEventListener('paste', (event) => this.paste(event));
      node.addEventListener('click', (event) => this.click(event));
    }

    get shown() {
      return this.grid.columns.map((_, i) => i + 1).filter((column) => !this.grid.hidden.has(column));
    }

    /** Several changes of shape come together: draw once, and put the cursor back. */
    drawSoon() {
      if (this.waiting) return;
      this.waiting = true;
      queueMicrotask(() => {
        const at = this.place(document.activeElement);
        this.waiting = false;
        this.draw();
        if (at) this.focus(at.row, at.column);
      });
    }

    draw() {
      const heads = this.shown.map((column) => this.head(column));
      const corner = element('th', { class: 'corner', scope: 'col' }, element('span', { class: 'visually-hidden' }, 'Dòng'));
      this.body.replaceChildren(...this.grid.lines.map((_, i) => this.line(i + 2)));
      this.node.replaceChildren(element('thead', {}, element('tr', { 'data-row': 1 }, corner, ...heads)), this.body);
    }

    head(column) {
      const name = this.grid.columns[column - 1];
      const order = this.sorted.column !== column ? 'none' : this.sorted.ascending ? 'ascending' : 'descending';
      const button = element('button', { type: 'button', class: 'sort', 'data-sort': column, title: `Sắp xếp theo ${name}` }, name);
      return element('th', { scope: 'col', 'data-col': name, 'aria-sort': order }, button);
    }

    line(row) {
      const number = element('th', { scope: 'row', class: 'number', 'data-pick': row }, String(row));
      const line = element('tr', { 'data-row': row }, number, ...this.shown.map((column) => this.cell(row, column)));
      this.paintLine(line, row);
      return line;
    }

    cell(row, column) {
      const name = this.grid.columns[column - 1];
      const cell = element('td', { 'data-row': row, 'data-col': name });
      const common = { name: `r${row}c${column}`, 'aria-label': `${name} dòng ${row}`, autocomplete: 'off' };
      const field = CHOICES[name] ? element('select', common) : element('input', { ...common, type: 'text', spellcheck: 'false' });
      if (name === WRAPPED) cell.append(element('div', { class: 'shown', 'aria-hidden': 'true' }), element('div', { class: 'planned' }));
      cell.append(field);
      this.paint(cell, row, column);
      return cell;
    }

    refresh(row, column) {
      const line = this.body.children[row - 2];
      const cell = line?.querySelector(`[name="r${row}c${column}"]`)?.closest('td');
      if (!cell || this.waiting) return;
      this.paint(cell, row, column);
      this.paintLine(line, row);
      if (cell.contains(document.activeElement)) this.acts.choose(row, column);
    }

    paint(cell, row, column) {
      const text = this.grid.get(row, column), note = this.grid.note(row, column), field = cell.querySelector('input, select');
      if (field.tagName === 'SELECT') this.offer(field, text);
      field.value = text;
      cell.dataset.value = text;
      cell.title = [text.length > 18 ? text : '', note].filter(Boolean).join('\n');
      cell.classList.toggle('noted', note !== '');
      const shown = cell.querySelector('.shown');
      if (!shown) return;
      shown.textContent = text;
      cell.querySelector('.planned').textContent = note;
    }

    /** A value that the list does not know is still shown: pasted and imported cells hold anything. */
    offer(field, text) {
      const choices = CHOICES[field.closest('td').dataset.col];
      const all = choices.includes(text) ? choices : [...choices, text];
      field.replaceChildren(...all.map((choice) => element('option', { value: choice }, choice)));
      field.dataset.value = text;
    }

    /** Colours a row by its status text, as clinics do with conditional formatting. */
    paintLine(line, row) {
      const status = this.grid.get(row, this.grid.columns.indexOf(WRAPPED) + 1);
      const mood = status === '' ? '' : status === 'Đã gửi' ? 'good' : /^(Đang gửi|Chưa gửi được)/.test(status) ? 'waiting'
        : /^(Đã sửa|Dòng sao chép)/.test(status) ? 'edited' : 'bad';
      line.dataset.mood = mood;
    }

    place(field) {
      const found = /^r(\d+)c(\d+)$/.exec(field?.name ?? '');
      return found && this.node.contains(field) ? { row: Number(found[1]), column: Number(found[2]), field } : null;
    }

    focus(row, column) {
      const field = this.node.querySelector(`[name="r${row}c${column}"]`);
      field?.focus();
      if (field?.select) field.select();
      return Boolean(field);
    }

    /** Brings a row to the middle, clear of the heading, with the cursor in its first cell. */
    reveal(row) {
      if (this.waiting) return queueMicrotask(() => this.reveal(row));
      this.focus(row, this.shown[0]);
      this.body.children[row - 2]?.scrollIntoView({ block: 'center' });
    }

    focused(target) {
      const at = this.place(target);
      if (!at) return;
      this.body.querySelector('tr.current')?.classList.remove('current');
      target.closest('tr').classList.add('current');
      this.acts.choose(at.row, at.column);
    }

    /** What was typed before comes before: a list can change while the cursor still stands in another cell. */
    changed(field) {
      if (document.activeElement !== field) this.commit(document.activeElement);
      this.commit(field);
    }

    commit(field) {
      const at = this.place(field);
      if (!at) return;
      const text = field.value.replace(/^'/, '');
      if (text !== this.grid.get(at.row, at.column)) this.acts.commit(at.row, at.column, text);
      else field.value = text;
    }

    key(event) {
      const at = this.place(event.target);
      if (!at || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
      const select = at.field.tagName === 'SELECT', text = at.field;
      const first = select || text.selectionEnd === 0, last = select || text.selectionStart === text.value.length;
      const step = {
        Enter: [event.shiftKey ? -1 : 1, 0], ArrowUp: !select && [-1, 0], ArrowDown: !select && [1, 0],
        ArrowLeft: first && [0, -1], ArrowRight: last && [0, 1],
      }[event.key];
      if (event.key === 'Escape') at.field.value = this.grid.get(at.row, at.column);
      if (!step || (event.shiftKey && event.key !== 'Enter')) return;
      event.preventDefault();
      this.commit(at.field);
      this.move(at, step);
    }

    move({ row, column }, [down, right]) {
      const columns = this.shown, next = columns[columns.indexOf(column) + right];
      if (next) this.focus(row + down, next);
    }

    paste(event) {
      const at = this.place(event.target), text = event.clipboardData.getData('text/plain');
      if (!at || !/[\t\n]/.test(text)) return; // one value: the input takes it
      event.preventDefault();
      this.acts.paste(at.row, at.column, Practice.parseTsv(text));
    }

    click(event) {
      const column = Number(event.target.closest('[data-sort]')?.dataset.sort), row = event.target.closest('[data-pick]')?.dataset.pick;
      if (row) this.focus(Number(row), this.shown[0]);
      if (!column) return;
      this.sorted = { column, ascending: this.sorted.column === column ? !this.sorted.ascending : true };
      this.acts.sort(column, this.sorted.ascending);
    }
  }

  Practice.Table = Table;
  Practice.element = element;
})(globalThis);
