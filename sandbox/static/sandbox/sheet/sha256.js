/* SHA-256 and HMAC without waiting: Apps Script signs synchronously, the browser's own crypto only hands out promises. */
(function (root) {
  'use strict';
  const Practice = root.Practice = root.Practice || {};

  // The first 32 bits of the fractional parts of the square and cube roots of the first primes (FIPS 180-4).
  const START = [], K = [];
  for (let candidate = 2; K.length < 64; candidate++) {
    let prime = true;
    for (let d = 2; d * d <= candidate; d++) if (candidate % d === 0) { prime = false; break; }
    if (!prime) continue;
    if (START.length < 8) START.push(fraction(Math.sqrt(candidate)));
    K.push(fraction(Math.cbrt(candidate)));
  }

  function fraction(x) {
    return ((x - Math.floor(x)) * 0x100000000) | 0;
  }

  function padded(bytes) {
    const length = (((bytes.length + 8) >> 6) + 1) << 6;
    const out = new Uint8Array(length);
    out.set(bytes);
    out[bytes.length] = 0x80;
    const view = new DataView(out.buffer);
    view.setUint32(length - 8, Math.floor(bytes.length / 0x20000000));
    view.setUint32(length - 4, (bytes.length << 3) >>> 0);
    return view;
  }

  const turn = (x, n) => (x >>> n) | (x << (32 - n));

  function schedule(view, offset, w) {
    for (let i = 0; i < 16; i++) w[i] = view.getInt32(offset + i * 4);
    for (let i = 16; i < 64; i++) {
      const s0 = turn(w[i - 15], 7) ^ turn(w[i - 15], 18) ^ (w[i - 15] >>> 3);
      const s1 = turn(w[i - 2], 17) ^ turn(w[i - 2], 19) ^ (w[i - 2] >>> 10);
      w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
    }
  }

  function compress(state, w) {
    let [a, b, c, d, e, f, g, h] = state;
    for (let i = 0; i < 64; i++) {
      const s1 = turn(e, 6) ^ turn(e, 11) ^ turn(e, 25);
      const t1 = (h + s1 + ((e & f) ^ (~e & g)) + K[i] + w[i]) | 0;
      const s0 = turn(a, 2) ^ turn(a, 13) ^ turn(a, 22);
      const t2 = (s0 + ((a & b) ^ (a & c) ^ (b & c))) | 0;
      [h, g, f, e, d, c, b, a] = [g, f, e, (d + t1) | 0, c, b, a, (t1 + t2) | 0];
    }
    [a, b, c, d, e, f, g, h].forEach((value, i) => { state[i] = (state[i] + value) | 0; });
  }

  Practice.sha256 = function (bytes) {
    const view = padded(bytes), state = START.slice(), w = new Int32Array(64);
    for (let offset = 0; offset < view.byteLength; offset += 64) {
      schedule(view, offset, w);
      compress(state, w);
    }
    const out = new DataView(new ArrayBuffer(32));
    state.forEach((value, i) => out.setInt32(i * 4, value));
    return new Uint8Array(out.buffer);
  };

  Practice.hmacSha256 = function (key, message) {
    const block = new Uint8Array(64);
    block.set(key.length > 64 ? Practice.sha256(key) : key);
    const around = (pad, inner) => Practice.sha256(Uint8Array.from([...block.map((byte) => byte ^ pad), ...inner]));
    return around(0x5c, around(0x36, message));
  };

  Practice.utf8 = (text) => new TextEncoder().encode(text);
})(globalThis);
