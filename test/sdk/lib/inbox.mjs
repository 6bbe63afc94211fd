// Waiting for what a test expects, without sleeping.

const PATIENCE_MS = 45_000

/** What arrived, in order, and who waits for the next. */
export class Inbox {
  all = []
  #waiting = []

  put(item) {
    this.all.push(item)
    for (const wake of this.#waiting.splice(0)) wake()
  }

  /** The first item, from the given index on, that satisfies want; waits for it. */
  async find(want = () => true, from = 0) {
    const deadline = timer(PATIENCE_MS)
    try {
      for (let i = from; ; i++) {
        while (i >= this.all.length) {
          await Promise.race([deadline.passed, new Promise((wake) => this.#waiting.push(wake))])
          if (deadline.over) throw new Error(`waited in vain; arrived: ${JSON.stringify(this.all)}`)
        }
        if (want(this.all[i])) return this.all[i]
      }
    } finally {
      deadline.cancel()
    }
  }

  /** The first n items; waits until there are as many. */
  async first(n) {
    await this.find(() => true, n - 1)
    return this.all.slice(0, n)
  }
}

/** Waits until check returns something other than false, undefined or null, and returns that. */
export async function eventually(check) {
  const deadline = timer(PATIENCE_MS)
  try {
    for (;;) {
      const got = await check()
      if (got !== false && got !== undefined && got !== null) return got
      if (deadline.over) throw new Error(`waited in vain for ${check}`)
      await new Promise((again) => setTimeout(again, 10))
    }
  } finally {
    deadline.cancel()
  }
}

function timer(ms) {
  const t = { over: false }
  t.passed = new Promise((resolve) => {
    const id = setTimeout(() => {
      t.over = true
      resolve()
    }, ms)
    t.cancel = () => clearTimeout(id)
  })
  return t
}
