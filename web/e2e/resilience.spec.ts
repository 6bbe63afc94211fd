import { Proxy } from '../../test/lib/proxy.mjs'
import { BoardPage, converge, type Point } from './fixtures/board'
import { Server } from './fixtures/server'
import { expect, test, via } from './fixtures/test'

/** A short stroke whose place is different for every n. */
function stroke(n: number): Point[] {
  const [x, y] = [120 + 70 * (n % 14), 130 + 60 * Math.floor(n / 14)]
  return [[x, y], [x + 20, y + 25], [x + 45, y + 5]]
}

test('what is drawn offline is waiting, then saved, and everyone has all of it', async ({ board, join, line }) => {
  const [ann, bob] = [await join(via(line, board.links.edit)), await join(board.links.edit)]
  await ann.choose('pen')
  await bob.choose('pen')

  line.cut()
  await ann.offline()
  for (let n = 0; n < 3; n++) await ann.drag(...stroke(n))
  for (let n = 20; n < 23; n++) await bob.drag(...stroke(n))
  await ann.shapes(3)
  await expect(ann.page.getByTestId('status')).toContainText('waiting')
  await bob.saved()
  await bob.shapes(3)

  line.restore()
  for (const person of [ann, bob]) await person.shapes(6)
  await converge(ann, bob)
})

test('what is drawn offline outlives the tab it was drawn in', async ({ board, join, line }) => {
  const [ann, bob] = [await join(via(line, board.links.edit)), await join(board.links.edit)]
  await ann.choose('pen')
  line.cut()
  await ann.offline()
  await ann.drag(...stroke(1))
  await ann.kept(1)
  await ann.page.close()
  await bob.shapes(0)

  line.restore()
  const again = await BoardPage.open(await ann.page.context().newPage(), via(line, board.links.edit))
  for (const person of [again, bob]) await person.shapes(1)
  await converge(again, bob)
})

test('a server killed while three people draw loses nothing that was acknowledged', async ({ join }) => {
  const server = await Server.start()
  const line = await Proxy.start(server.url)
  try {
    const { links } = await server.createBoard()
    const people: BoardPage[] = []
    for (let i = 0; i < 3; i++) people.push(await join(via(line, links.edit)))
    let drawn = 0
    const everyoneDraws = async (times: number) => {
      for (let i = 0; i < times; i++) for (const person of people) await person.drag(...stroke(drawn++))
    }

    for (const person of people) await person.choose('pen')
    await everyoneDraws(3)
    await converge(...people)
    for (const person of people) await person.shapes(9)

    await people[0]!.press(...stroke(drawn++))
    await server.kill()
    await people[0]!.release()
    await everyoneDraws(2)
    for (const person of people) await expect(person.root).not.toHaveAttribute('data-status', 'saved')

    await server.startAgain()
    line.target(server.url)
    await everyoneDraws(1)
    for (const person of people) await person.shapes(drawn)
    await converge(...people)

    for (const person of people) await expect(person.page.getByTestId('people')).toHaveAttribute('data-count', '3')

    const eve = await join(via(line, links.view))
    await eve.shapes(drawn)
    await converge(people[0]!, eve)
  } finally {
    await line.stop()
    await server.stop()
  }
})
