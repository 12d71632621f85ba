// Numbers, prices, days and times as the person writes them. The words around them stay English: what the server says has
// them in one notation, `1,234`, `7.85 KB`, `$1.24`, `3 Nov 2026`, `3 Nov` and `14:05`, and only the browser knows theirs.
const LOCALES = [...(navigator.languages ?? [])];
const MONTHS = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
const UNITS = "B|KB|MB|GB|s|min|words/s";

const NOTATION = new RegExp(
  [
    "\\$\\d[\\d,]*(?:\\.\\d+)?",
    `\\b(?<day>\\d{1,2}) (?<month>${MONTHS.join("|")})(?: (?<year>\\d{4}))?\\b`,
    "(?<![\\d:.])(?<hour>[01]?\\d|2[0-3]):(?<minute>[0-5]\\d)(?![\\d:.])",
    "(?<![\\d.,])\\d{1,3}(?:,\\d{3})+(?![\\d,])",
    `(?<![\\d.,])\\d+\\.\\d+(?= (?:${UNITS})\\b)`,
  ].join("|"),
  "g",
);

// A sentence of ours in the notation of the person. It must be ours: what people and models write stays as it is.
export const localized = (text) => text?.replace(NOTATION, (found, ...more) => rewritten(found, more.at(-1)));

function rewritten(found, { day, month, year, hour, minute }) {
  if (month) return formatDay(new Date(Number(year ?? 2000), MONTHS.indexOf(month), Number(day)), Boolean(year));
  if (hour)
    return made(Intl.DateTimeFormat, { timeStyle: "short" }).format(new Date(2000, 0, 1, Number(hour), Number(minute)));
  const digits = found.split(".")[1]?.length ?? 0;
  const number = Number(found.replace(/[$,]/g, ""));
  return found.startsWith("$") ? formatNumber(number, digits, PRICE) : formatNumber(number, digits);
}

/** @type {Intl.NumberFormatOptions} */
const PRICE = { style: "currency", currency: "USD", currencyDisplay: "narrowSymbol" };

export const formatNumber = (number, digits = 0, style = {}) =>
  made(Intl.NumberFormat, { ...style, minimumFractionDigits: digits, maximumFractionDigits: digits }).format(number);

export const formatDay = (date, hasYear) =>
  made(Intl.DateTimeFormat, hasYear ? { dateStyle: "medium" } : { day: "numeric", month: "short" }).format(date);

const formats = new Map(); // each takes milliseconds to make

function made(Format, options) {
  const key = JSON.stringify([Format.name, options]);
  if (!formats.has(key)) formats.set(key, new Format(LOCALES, options));
  return formats.get(key);
}
