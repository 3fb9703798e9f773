/** Talking to the server: signing, sending again, and what its refusals mean. */
const RETRIES = 4, LONGEST_WAIT_MS = 30000;
/** Answers that refuse a whole call. `wait`: nothing in the rows is wrong, so they are sent again by themselves. */
const REFUSALS = {
  400: { text: 'Máy chủ không đọc được dữ liệu bảng tính, hãy cài lại mã Code.gs bản mới nhất' },
  401: { text: 'Sai mã bí mật kết nối, hãy mở menu CDP › Cài đặt kết nối và nhập lại', wait: true },
  404: { text: 'Không tìm thấy nguồn dữ liệu, hãy kiểm tra địa chỉ webhook ở menu CDP › Cài đặt kết nối', wait: true },
  409: { text: 'Lô gửi bị trùng mã, hãy đặt Gửi webhook = Cập nhật lại' },
  413: { text: 'Lô gửi quá lớn, hãy gửi ít dòng hơn mỗi lần' },
  423: { text: 'Chiến dịch đồng bộ chưa được kích hoạt, dòng sẽ tự gửi khi chiến dịch được kích hoạt', wait: true },
};

/** Where to post, and the key to sign with. A download with both filled in is the newest word. */
function connection_() {
  const properties = PropertiesService.getScriptProperties();
  const [url, secret] = ['CDP_URL', 'CDP_SECRET'].map((name) => (properties.getProperty(name) || '').trim());
  return FILLED.url && FILLED.secret ? FILLED : { url: FILLED.url || url, secret };
}

/** The same body, so the same batch id, on every attempt: the server recognises what it has already stored. */
function post_(path, body, started) {
  const { url, secret } = connection_();
  if (!url || !secret) return { failure: 'chưa cài đặt kết nối (menu CDP › Cài đặt kết nối)' };
  for (let attempt = 0; ; attempt++) {
    const reply = postOnce_(url + path, secret, body), wait = reply.retryAfterMs || 1000 * Math.pow(2, attempt);
    const late = Date.now() + wait - started > RUN_BUDGET_MS;
    if (!reply.retry || attempt === RETRIES || wait > LONGEST_WAIT_MS || late || isSaving_()) return reply;
    Utilities.sleep(wait);
  }
}

function postOnce_(url, secret, body) {
  const stamp = String(Math.floor(Date.now() / 1000)); // signed afresh: the server refuses a stamp 5 minutes old
  const headers = { 'X-CDP-Timestamp': stamp, 'X-CDP-Signature': 'sha256=' + hmacHex_(stamp + '.' + body, secret) };
  const request = { method: 'post', contentType: 'application/json; charset=utf-8', payload: body, headers };
  spend_({ calls: 1 });
  try {
    return readReply_(UrlFetchApp.fetch(url, { ...request, muteHttpExceptions: true, followRedirects: false }));
  } catch (error) {
    console.warn('CDP webhook unreachable: %s', error);
    const usedUp = /too many times|quá nhiều lần/i.test(String(error));
    if (!usedUp) return { retry: true, failure: 'không kết nối được máy chủ' };
    spend_({ calls: CALLS_A_DAY });
    return { failure: 'Google đã hết lượt gọi mạng hôm nay của script này' };
  }
}

/** `answer`: what the server said to a call that it took; else `refusal` or `failure`, in words for a cell. */
function readReply_(response) {
  const code = response.getResponseCode(), headers = response.getHeaders();
  let answer = null;
  try { answer = JSON.parse(response.getContentText()); } catch (error) { /* a proxy's page: its code says enough */ }
  if (code === 200 && answer) return { code, answer };
  const refusal = REFUSALS[code];
  if (refusal) return { code, refusal: String((answer && answer.status) || refusal.text), wait: refusal.wait };
  const after = Object.keys(headers).find((name) => name.toLowerCase() === 'retry-after');
  const retryAfterMs = after ? 1000 * Number(headers[after]) || 0 : 0;
  return { code, retry: code === 429 || code >= 500, retryAfterMs, failure: `máy chủ bận hoặc báo lỗi (mã ${code})` };
}

/** Apps Script hands out signed bytes; without the charset Vietnamese text would be signed as something else. */
const hmacHex_ = (text, secret) => Utilities.computeHmacSha256Signature(text, secret, Utilities.Charset.UTF_8)
  .map((byte) => ('0' + (byte & 0xff).toString(16)).slice(-2)).join('');
