const MINUTE = 60_000
const HOUR = 60 * MINUTE
const DAY = 24 * HOUR

/** How long ago something was said; after a week, on which day. */
export function ago(time: number, now: number, language: string): string {
  const past = Math.max(now - time, 0)
  const words = new Intl.RelativeTimeFormat(language, { numeric: 'auto', style: 'narrow' })
  if (past < MINUTE) return words.format(0, 'second')
  if (past < HOUR) return words.format(-Math.floor(past / MINUTE), 'minute')
  if (past < DAY) return words.format(-Math.floor(past / HOUR), 'hour')
  if (past < 7 * DAY) return words.format(-Math.floor(past / DAY), 'day')
  const isThisYear = new Date(time).getFullYear() === new Date(now).getFullYear()
  return new Intl.DateTimeFormat(language, { day: 'numeric', month: 'short', ...(!isThisYear && { year: 'numeric' }) }).format(time)
}
