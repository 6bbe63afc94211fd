import { shallowRef } from 'vue'

/** How long a notice stays, in ms; one with an action stays longer. */
const STAY = 5000
const STAY_WITH_ACTION = 9000
const MOST = 3

export interface Notice {
  readonly id: number
  readonly text: string
  readonly tone: 'plain' | 'bad'
  /** Of notices on one topic only the last is shown. */
  readonly topic: string
  readonly action?: { readonly label: string; readonly run: () => void }
}

const notices = shallowRef<readonly Notice[]>([])
let last = 0

/** Short messages at the edge of the page. */
export function useNotices() {
  return { notices, notify, dismiss }
}

/** Shows a notice; the oldest goes when there are too many. */
export function notify(text: string, o: { tone?: Notice['tone']; topic?: string; action?: Notice['action'] } = {}): void {
  const { tone = 'plain', topic = text, action } = o
  const notice: Notice = { id: ++last, text, tone, topic, ...(action && { action }) }
  const others = notices.value.filter((other) => other.topic !== topic)
  notices.value = [...others, notice].slice(-MOST)
  setTimeout(() => dismiss(notice.id), action ? STAY_WITH_ACTION : STAY)
}

function dismiss(id: number): void {
  notices.value = notices.value.filter((notice) => notice.id !== id)
}
