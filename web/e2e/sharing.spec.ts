import { deflateSync } from 'node:zlib'

import { BoardPage, converge, type Point } from './fixtures/board'
import { expect, test, via } from './fixtures/test'

const A: Point = [400, 300]
const B: Point = [600, 400]

test('a board is created from the start page and its link opens it', async ({ server, page, join }) => {
  await page.goto(server.url)
  await page.getByTestId('new-board').click()
  await page.waitForURL(/\/b\/[0-9A-Za-z]{12}#/)
  const ann = new BoardPage(page)
  await ann.saved()
  await ann.draw('rect', A, B)
  const bob = await join(page.url())
  await bob.shapes(1)
})

test.describe('a view link', () => {
  test('shows everything and lets nothing be drawn', async ({ board, join }) => {
    const [ann, eve] = [await join(board.links.edit), await join(board.links.view)]
    await ann.draw('rect', A, B)
    await eve.shapes(1)
    await expect(eve.page.getByTestId('tool-pen')).toBeHidden()
    await eve.drag([700, 200], [800, 300])
    await eve.page.keyboard.press('p')
    await eve.drag([700, 200], [800, 300])
    await ann.draw('line', [200, 500], [300, 600])
    await eve.shapes(2)
    await ann.shapes(2)
  })

  test('shows ink while it is drawn', async ({ board, join }) => {
    const [ann, eve] = [await join(board.links.edit), await join(board.links.view)]
    const middle: Point = [500, 350]
    const before = await eve.pixels(middle)
    await ann.choose('pen')
    await ann.press(A, B)
    await expect.poll(() => eve.pixels(middle)).not.toBe(before)
    await ann.release()
  })

  test('replaced by a new one shuts out who came by the old', async ({ server, board, join }) => {
    const [ann, eve] = [await join(board.links.edit), await join(board.links.view)]
    await ann.page.getByTestId('share').click()
    await ann.page.getByTestId('replace-view-link').click()
    await expect(eve.page.getByTestId('no-access')).toBeVisible()

    const fresh = await ann.page.getByTestId('view-link').inputValue()
    expect(fresh).not.toBe(board.links.view)
    const bob = await join(fresh)
    await ann.page.keyboard.press('Escape')
    await ann.draw('rect', A, B)
    await bob.shapes(1)
    expect(server.url).toBe(new URL(fresh).origin)
  })
})

test('whoever is shut out is told what is kept, and a new link sends it', async ({ board, join, line }) => {
  const [ann, bob] = [await join(board.links.edit), await join(via(line, board.links.edit))]
  line.cut()
  await bob.offline()
  await bob.choose('rect')
  await bob.drag(A, B)
  await bob.shapes(1)
  await ann.page.getByTestId('share').click()
  await ann.page.getByTestId('replace-edit-link').click()
  await expect.poll(() => ann.page.url()).not.toBe(board.links.edit)
  line.restore()
  await expect(bob.page.getByTestId('kept')).toContainText('1 change of yours was not sent')
  await bob.page.goto(via(line, ann.page.url()))
  await ann.shapes(1)
})

test('a wrong secret shows that there is no access', async ({ board, page }) => {
  await page.goto(board.links.edit.replace(/#.*/, '#aaaaaaaaaaaaaaaaaaaaaaaa'))
  await expect(page.getByTestId('no-access')).toBeVisible()
})

test('names and the number of people follow who is there', async ({ board, join }) => {
  const ann = await join(board.links.edit, { name: 'Ann Arbor', isAsked: true })
  const people = (person: BoardPage) => person.page.getByTestId('people')
  await expect(people(ann)).toHaveAttribute('data-count', '1')
  const bob = await join(board.links.edit, { name: 'Bob' })
  for (const person of [ann, bob]) {
    await expect(people(person)).toHaveAttribute('data-count', '2')
    await people(person).getByRole('button').click()
    await expect(people(person)).toContainText(person === ann ? 'Bob' : 'Ann Arbor')
  }
  await bob.page.close()
  await expect(people(ann)).toHaveAttribute('data-count', '1')
})

test('the other\'s cursor shows where they point, with their name', async ({ board, join }) => {
  const [ann, bob] = [await join(board.links.edit, { name: 'Ann' }), await join(board.links.edit, { name: 'Bob' })]
  await bob.page.mouse.move(200, 200)
  await bob.page.mouse.move(500, 400, { steps: 5 })
  const cursor = ann.page.getByTestId('cursor')
  await expect(cursor).toHaveText('Bob')
  const place = async () => {
    const box = await cursor.boundingBox()
    return box && Math.hypot(box.x - 500, box.y - 400)
  }
  await expect.poll(place).toBeLessThan(10)
  await expect(bob.page.getByTestId('cursor')).toHaveCount(0)
})

test('chat reaches the others and is still there tomorrow', async ({ board, join }) => {
  const [ann, bob] = [await join(board.links.edit, { name: 'Ann' }), await join(board.links.edit)]
  await ann.say('shall we use <b>red</b>? 🎨')
  const line = (person: BoardPage) => person.page.getByTestId('chat-line').filter({ hasText: '<b>red</b>? 🎨' })
  await bob.openChat()
  await expect(line(bob)).toHaveCount(1)
  await expect(line(bob)).toContainText('Ann')
  await converge(ann, bob)

  await bob.page.reload()
  await bob.openChat()
  await expect(line(bob)).toHaveCount(1)
})

test.describe('background', () => {
  test('an image is uploaded and shown to everyone, also after reload', async ({ board, join }) => {
    const [ann, bob] = [await join(board.links.edit), await join(board.links.edit)]
    const blank = await bob.pixels([640, 400])
    await ann.page.getByTestId('background-input').setInputFiles({ name: 'plan.png', mimeType: 'image/png', buffer: png(300, 200) })
    await expect.poll(() => bob.pixels([640, 400])).not.toBe(blank)
    await bob.page.reload()
    await bob.saved()
    await expect.poll(() => bob.pixels([640, 400])).not.toBe(blank)
  })

  test('what is not an image is refused in words, and nothing changes', async ({ board, join }) => {
    const ann = await join(board.links.edit)
    const digest = await ann.digest()
    await ann.page
      .getByTestId('background-input')
      .setInputFiles({ name: 'plan.png', mimeType: 'image/png', buffer: Buffer.from('<svg onload="alert(1)"/>') })
    await expect(ann.page.getByTestId('notice')).toContainText(/image/i)
    await ann.saved()
    expect(await ann.digest()).toBe(digest)
  })
})

/** A PNG of one colour. */
function png(width: number, height: number): Buffer {
  const row = Buffer.alloc(1 + width * 3, 0xc0)
  row[0] = 0
  const header = Buffer.alloc(13)
  header.writeUInt32BE(width, 0)
  header.writeUInt32BE(height, 4)
  header.set([8, 2, 0, 0, 0], 8)
  return Buffer.concat([
    Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(Buffer.concat(Array.from({ length: height }, () => row)))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data])
  const frame = Buffer.alloc(body.length + 8)
  frame.writeUInt32BE(data.length, 0)
  body.copy(frame, 4)
  frame.writeUInt32BE(crc32(body), body.length + 4)
  return frame
}

function crc32(bytes: Buffer): number {
  let crc = ~0
  for (const byte of bytes) {
    crc ^= byte
    for (let bit = 0; bit < 8; bit++) crc = (crc >>> 1) ^ (crc & 1 ? 0xedb88320 : 0)
  }
  return ~crc >>> 0
}
