// Figures and times as people read them.
const digits = new Intl.NumberFormat('en', { maximumSignificantDigits: 4 });
const whole = new Intl.NumberFormat('en');

export const NONE = '–';

export const number = value => (value === null || value === undefined || Number.isNaN(value) ? NONE
  : value !== 0 && (Math.abs(value) >= 1e6 || Math.abs(value) < 1e-3) ? value.toExponential(2)
  : digits.format(value));

export const count = value => (value === null || value === undefined ? NONE : whole.format(value));

export const counted = (value, word) => `${count(value)} ${word}${value === 1 ? '' : 's'}`;

export const percent = share => (share === null || share === undefined ? NONE : `${(100 * share).toFixed(2)} %`);

export const bytes = value => (value >= 1e9 ? `${(value / 1e9).toFixed(2)} GB` : value >= 1e6 ? `${(value / 1e6).toFixed(1)} MB` : `${(value / 1e3).toFixed(1)} kB`);

export function duration(seconds) {
  if (seconds === null || !Number.isFinite(seconds)) return NONE;
  const [s, m, h] = [Math.round(seconds), Math.floor(seconds / 60), Math.floor(seconds / 3600)];
  const two = value => String(value).padStart(2, '0');
  return h > 0 ? `${h}:${two(m % 60)}:${two(s % 60)}` : `${Math.floor(s / 60)}:${two(s % 60)}`;
}

/** A .NET TimeSpan as JSON has it, in seconds. */
export function seconds(span) {
  const parts = /^(?:(\d+)\.)?(\d+):(\d+):([\d.]+)$/.exec(span ?? '');
  return parts ? (((Number(parts[1] ?? 0) * 24) + Number(parts[2])) * 60 + Number(parts[3])) * 60 + Number(parts[4]) : null;
}

export const time = text => (text ? new Date(text).toLocaleString('sv') : NONE);

export function ago(text) {
  const passed = (Date.now() - new Date(text).getTime()) / 1000;
  return passed < 90 ? `${Math.max(0, Math.round(passed))} s ago` : passed < 5400 ? `${Math.round(passed / 60)} min ago`
    : passed < 129600 ? `${Math.round(passed / 3600)} h ago` : `${Math.round(passed / 86400)} days ago`;
}

/** How an option is written on the command line. */
export const value = option => (option === null || option === undefined ? NONE : typeof option === 'number' ? number(option) : String(option));

export const ENDED = ['completed', 'failed', 'cancelled'];
