/* Keeps the grid on the server, so that a reload shows the same sheet. */
(function (root) {
  'use strict';
  const Practice = root.Practice = root.Practice || {};
  const CALM_MS = 300;
  const KEEPALIVE_BYTES = 60000; // browsers refuse a larger body on a request that outlives its page

  Practice.csrf = () => (/(?:^|; )csrftoken=([^;]+)/.exec(document.cookie) || ['', ''])[1];

  class Keeper {
    constructor({ url, revision, sheet, tell }) {
      Object.assign(this, { url, revision, sheet, tell, dirty: false, lost: false });
      document.addEventListener('visibilitychange', () => { if (document.visibilityState === 'hidden') this.flush(); });
      root.addEventListener('pagehide', () => this.flush());
    }

    changed() {
      if (this.lost) return;
      this.dirty = true;
      this.tell('saving');
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.flush(), CALM_MS);
    }

    /** Numbers its saves without waiting for answers: a save overtaken on the way loses to the later one. */
    async flush() {
      clearTimeout(this.timer);
      if (!this.dirty || this.lost) return;
      this.dirty = false;
      const body = JSON.stringify({ revision: this.revision++, ...this.sheet() });
      const mine = this.revision;
      const headers = { 'Content-Type': 'application/json', 'X-CSRFToken': Practice.csrf() };
      try {
        const keepalive = Practice.utf8(body).length < KEEPALIVE_BYTES;
        const answer = await fetch(this.url, { method: 'PUT', body, headers, keepalive });
        if (mine === this.revision) this.answered(answer.status);
      } catch (error) {
        this.again();
      }
    }

    answered(status) {
      if (status === 409) {
        this.lost = true;
        this.tell('conflict');
      } else if (status !== 200) this.again();
      else if (!this.dirty) this.tell('saved');
    }

    again() {
      this.dirty = true;
      this.tell('failed');
      clearTimeout(this.timer);
      this.timer = setTimeout(() => this.flush(), 5000);
    }
  }

  Practice.Keeper = Keeper;
})(globalThis);
