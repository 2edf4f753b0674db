// How a drawing is read by keyboard alone: the same keys for lines and for points.

/** Where a key goes along `length` points from `at`, null before the first was chosen; undefined for a key that goes nowhere. */
export function moved(key, at, length) {
  const [from, jump] = [at ?? length, Math.max(1, Math.round(length / 10))];
  const next = { ArrowLeft: from - 1, ArrowRight: at === null ? 0 : from + 1, PageUp: from - jump, PageDown: from + jump, Home: 0, End: length - 1 }[key];
  return next === undefined || length === 0 ? undefined : Math.min(Math.max(next, 0), length - 1);
}
