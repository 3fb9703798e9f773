/* Puts the practice sheet together: grid, table, stand-ins, the real Code.gs, and the server that keeps the rows. */
(function (root) {
  'use strict';
  const { Practice } = root, { element } = Practice;
  const node = (id) => document.getElementById(id);
  const data = (id) => JSON.parse(node(id).textContent);
  const page = node('practice'), settings = page.dataset;
  const SWEEP_MS = 5 * 60 * 1000;

  const columns = data('sheet-columns');
  const hidden = columns.map((name, i) => (name.startsWith('_') ? i + 1 : 0)).filter(Boolean);
  const grid = new Practice.Grid({ name: settings.name, columns, rows: data('sheet-rows'), hidden });
  let at = { row: 2, column: 1 };

  // --- what scripts show to people -----------------------------------------------------------------------------------

  function toast(text) {
    const note = element('p', { class: 'toast' }, text);
    node('toasts').append(note);
    setTimeout(() => note.remove(), 8000);
  }

  function menu(title, items) {
    const list = element('div', { class: 'items' });
    items.forEach(({ caption, handler }) => {
      const button = element('button', { type: 'button', 'data-handler': handler }, caption);
      button.addEventListener('click', () => {
        button.closest('details').open = false;
        run(handler);
      });
      list.append(button);
    });
    node('menus').append(element('details', { class: 'menu' }, element('summary', {}, title), list));
  }

  function log(text) {
    const time = new Date().toLocaleTimeString('vi-VN');
    node('log').prepend(element('li', {}, `${time} · ${text}`));
    node('log-last').textContent = `– ${text}`;
    while (node('log').children.length > 30) node('log').lastChild.remove();
  }

  // --- Google, played ------------------------------------------------------------------------------------------------

  /** The webhook of this very server is called by its path: a page opened as 127.0.0.1 may not call “localhost”. */
  function reachable(address) {
    const url = new URL(address, location.href), home = ['localhost', '127.0.0.1', '[::1]'];
    const here = url.host === location.host
      || (url.port === location.port && home.includes(url.hostname) && home.includes(location.hostname));
    return here ? url.pathname + url.search : url.href;
  }

  const saying = (url, { rows }) => (url.endsWith('/pulse') ? 'báo tình trạng'
    : url.endsWith('/checkup') ? `gửi bản sao ${rows.length} dòng để kiểm tra` : `gửi ${rows.length} dòng`);

  function fetchNow(url, options) {
    const request = new XMLHttpRequest(), what = saying(url, JSON.parse(options.payload));
    try {
      request.open(options.method, reachable(url), false);
      request.setRequestHeader('Content-Type', options.contentType);
      Object.entries(options.headers).forEach(([name, value]) => request.setRequestHeader(name, value));
      request.send(options.payload);
    } catch (error) {
      log(`${what} → mất kết nối`);
      throw new Error(`DNS error: ${url}`);
    }
    log(`${what} → ${request.status}`);
    const lines = request.getAllResponseHeaders().trim().split(/\r\n/).filter(Boolean);
    const headers = Object.fromEntries(lines.map((line) => [line.slice(0, line.indexOf(':')), line.slice(line.indexOf(':') + 2)]));
    return { code: request.status, headers, text: request.responseText };
  }

  const services = Practice.services({
    id: `practice-${settings.slug}`, name: settings.name, grids: [grid], fetch: fetchNow,
    properties: { CDP_URL: settings.webhookUrl, CDP_SECRET: settings.secret },
    page: { toast, alert: toast, prompt: (question) => root.prompt(question), confirm: (question) => root.confirm(question), menu },
    sleep: (ms) => log(`chờ ${ms / 1000} giây rồi gửi lại (ở đây không chờ thật)`),
  });
  Object.assign(root, services);

  /** Scripts run one after another and after the screen was painted, as on Google's servers; never inside a key press. */
  let queue = Promise.resolve();
  function run(handler, event) {
    settings.pending = Number(settings.pending) + 1;
    queue = queue.then(() => new Promise((done) => setTimeout(done, 20))).then(() => root[handler](event)).catch((error) => {
      console.error(error);
      toast(`Code.gs báo lỗi ở ${handler}: ${error.message}`);
    }).finally(() => { settings.pending = Number(settings.pending) - 1; });
    return queue;
  }

  function fire(type, event) {
    services.ScriptApp.getProjectTriggers().filter((trigger) => trigger.getEventType() === type)
      .forEach((trigger) => run(trigger.getHandlerFunction(), event));
  }

  const edited = (row, column, height, width, values) =>
    fire('ON_EDIT', Practice.editEvent(services, row, column, height, width, values));
  const changed = (changeType) => fire('ON_CHANGE', { changeType, source: services.SpreadsheetApp.getActive() });

  // --- what people do ------------------------------------------------------------------------------------------------

  const table = new Practice.Table(node('grid'), grid, {
    commit(row, column, text) {
      const oldValue = grid.get(row, column);
      grid.put(row, column, text);
      edited(row, column, 1, 1, { value: text || undefined, oldValue: oldValue || undefined });
      changed('EDIT');
    },
    paste(row, column, block) {
      const width = Math.min(Math.max(...block.map((line) => line.length)), grid.width - column + 1);
      const missing = row + block.length - 1 - grid.height;
      if (missing > 0) grid.addRows(missing);
      block.forEach((line, i) => line.slice(0, width).forEach((text, j) => grid.put(row + i, column + j, text.replace(/^'/, ''))));
      edited(row, column, block.length, width);
      changed('EDIT');
    },
    sort(column, ascending) {
      grid.sort(column, ascending);
      changed('OTHER');
    },
    choose(row, column) {
      at = { row, column };
      node('cell-name').textContent = Practice.letter(column) + row;
      node('cell-text').textContent = grid.get(row, column);
      node('cell-note').textContent = grid.note(row, column);
      node('copy-row').disabled = node('delete-row').disabled = false;
    },
  });

  node('to-blank').addEventListener('click', () => {
    if (!grid.firstBlank) grid.addRows(10);
    table.reveal(grid.firstBlank);
  });
  node('add-rows').addEventListener('click', () => {
    grid.addRows(10);
    changed('INSERT_ROW');
  });
  node('copy-row').addEventListener('click', () => {
    if (at.row > grid.height) return;
    const row = grid.copyRow(at.row);
    edited(row, 1, 1, grid.width); // the copy is pasted into a new row, so Google reports both
    changed('INSERT_ROW');
  });
  node('delete-row').addEventListener('click', () => {
    if (at.row > grid.height) return;
    grid.deleteRow(at.row);
    changed('REMOVE_ROW');
  });
  node('run-sweep').addEventListener('click', () => fire('CLOCK', {}));
  setInterval(() => fire('CLOCK', {}), SWEEP_MS);

  // --- the sandbox clock ---------------------------------------------------------------------------------------------

  const moment = new Intl.DateTimeFormat('vi-VN', {
    timeZone: 'Asia/Ho_Chi_Minh', weekday: 'short', day: '2-digit', month: '2-digit', hour: '2-digit', minute: '2-digit',
  });

  async function clock(move) {
    const post = move && { method: 'POST', body: move, headers: { 'Content-Type': 'application/json', 'X-CSRFToken': Practice.csrf() } };
    try {
      const answer = await fetch(settings.clockUrl, post || {});
      node('clock-now').textContent = moment.format(new Date((await answer.json()).now));
    } catch (error) {
      node('clock-now').textContent = 'không đọc được đồng hồ';
    }
  }

  document.querySelectorAll('[data-clock]').forEach((button) => button.addEventListener('click', () => clock(button.dataset.clock)));
  clock();
  setInterval(clock, 30000);

  // --- beginning -----------------------------------------------------------------------------------------------------

  const words = {
    saving: 'Đang lưu…', saved: 'Đã lưu', failed: 'Chưa lưu được, đang thử lại…',
    conflict: 'Trang tính đã được sửa ở cửa sổ khác: tải lại trang để xem bản mới',
  };
  const keeper = new Practice.Keeper({
    url: settings.saveUrl, revision: Number(settings.revision), sheet: () => ({ columns: grid.columns, rows: grid.toRows() }),
    tell: (state) => { node('saved').textContent = words[state]; settings.saved = state; },
  });
  grid.listen(() => keeper.changed());
  if (settings.webhookUrl) {
    root.onOpen();
    root.install();
  } else Practice.follow({ url: settings.rowsUrl, grid, keeper });
  Practice.page = { grid, table, services, keeper };
})(globalThis);
