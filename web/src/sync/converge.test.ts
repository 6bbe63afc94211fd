import { expect, test } from 'vitest'
import { FINE } from '../testing/network'
import { Dice, seededRandom, seeds } from '../testing/random'
import { FakeServer } from '../testing/server'
import { Simulation } from '../testing/simulation'
import { Tab, visible } from '../testing/tab'
import { stampOf } from '../board/merge'
import type { Op } from '../board/types'

const STEPS = 150
const HOUR = 3600_000

test.each(seeds(30))('people on bad lines converge and lose nothing (SEED=%i)', async (seed) => {
  const dice = new Dice(seededRandom(seed))
  const sim = new Simulation()
  const server = new FakeServer(() => sim.now())
  const made: Op[] = []
  const rushed: Op[] = [] // by a clock that is an hour fast: these get other stamps
  const browsers = [new Map(), new Map()]
  const tabs = Array.from({ length: dice.int(2, 4) }, (_, i) => {
    const skew = dice.pick([0, 0, 300, -70_000, HOUR])
    return new Tab({ sim, server, user: `user${i % 2}`, dice, skew, made: skew === HOUR ? rushed : made, shared: browsers[i % 2]! })
  })
  server.losePublish = () => dice.chance(0.03)
  server.refuse = () => (dice.chance(0.05) ? 'unavailable' : undefined)
  server.unsure = () => dice.chance(0.05)
  for (const tab of tabs) tab.weather = { delay: [1, 400], duplicate: 0.05, loss: 0.1 }

  await sim.run(1000)
  for (let step = 0; step < STEPS; step++) {
    await disturb(dice, dice.pick(tabs), server)
    dice.pick(tabs).act()
    await sim.run(dice.int(0, 300))
  }

  server.losePublish = () => false
  server.refuse = () => undefined
  server.unsure = () => false
  for (const tab of tabs) {
    tab.weather = FINE
    tab.line.setUp(true)
  }
  await sim.until(() => tabs.every(({ session }) => session.status.at === 'saved' && session.loaded))
  server.publishDigest()
  await sim.until(() => tabs.every((tab) => tab.isQuiet))

  for (const tab of tabs) expect(visible(tab.document)).toEqual(visible(tabs[0]!.document))
  expect(tabs.every(({ session }) => session.document.size === server.size)).toBe(true)
  expect(made.filter((op) => isLost(op, server))).toEqual([])
  expect(rushed.filter(({ id }) => !server.record(id))).toEqual([])
  expect(repeats(server)).toEqual([])
  await Promise.all(tabs.map(({ session }) => session.stop()))
})

async function disturb(dice: Dice, tab: Tab, server: FakeServer): Promise<void> {
  const roll = dice.int(0, 99)
  if (roll < 5) tab.line.cut()
  else if (roll < 9) tab.line.setUp(!tab.line.up)
  else if (roll < 11) await tab.reload()
  else if (roll < 14) tab.crash()
  else if (roll < 16) server.compacted = dice.int(server.compacted, server.seq)
  else if (roll < 20) server.publishDigest()
}

/** Whether an op has left no trace: its properties have neither its stamp nor a later one. */
function isLost({ stamp, id, patch }: Op, server: FakeServer): boolean {
  return Object.keys(patch).some((prop) => stampOf(server.record(id), prop) < stamp)
}

/** Batches that are in the journal twice. */
function repeats({ journal }: FakeServer): string[] {
  const names = journal.map(({ c, n }) => `${c} ${n}`)
  return names.filter((name, i) => names.indexOf(name) !== i)
}
