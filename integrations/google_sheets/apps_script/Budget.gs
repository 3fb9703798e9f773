/**
 * What Google lets a script of one person do in a day: 20,000 network calls and 90 minutes of triggers. Near the end
 * of either, rows leave together, by the sweep alone and half as often, so that the day ends slowly and not suddenly.
 */
const CALLS_A_DAY = 20000, CALLS_KEPT = 1000;
const RUN_MS_A_DAY = 90 * 60 * 1000, RUN_MS_KEPT = 15 * 60 * 1000;
const DAY_MS = 24 * 60 * 60 * 1000, SWEEP_MS = 5 * 60 * 1000;
const SAVING = 'Google sắp hết lượt chạy trong ngày của script này: các dòng được gửi chung mỗi 10 phút,'
  + ' không mất dòng nào';

/** Today's spending; the day turns at 7:00 in Vietnam, before clinics open. */
function spent_() {
  const kept = PropertiesService.getScriptProperties().getProperty('CDP_SPENT');
  const spent = kept ? JSON.parse(kept) : {}, day = Math.floor(Date.now() / DAY_MS);
  return spent.day === day ? spent : { day, calls: 0, ms: 0 };
}

/** Runs that write at the same moment may count one of the two: the reserves are far larger than that. */
function spend_({ calls = 0, ms = 0 }) {
  const spent = spent_(), sum = { day: spent.day, calls: spent.calls + calls, ms: spent.ms + ms };
  PropertiesService.getScriptProperties().setProperty('CDP_SPENT', JSON.stringify(sum));
}

const callsLeft_ = () => Math.max(0, CALLS_A_DAY - spent_().calls);

function isSaving_() {
  const { calls, ms } = spent_();
  return CALLS_A_DAY - calls < CALLS_KEPT || RUN_MS_A_DAY - ms < RUN_MS_KEPT;
}

/** Whether this sweep, of every two, is left out. */
const isResting_ = () => isSaving_() && Math.floor(Date.now() / SWEEP_MS) % 2 === 1;

/** Runs a trigger's work and counts its time. */
function timed_(work) {
  const started = Date.now();
  try { return work(); } finally { spend_({ ms: Date.now() - started }); }
}
