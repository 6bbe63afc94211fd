import axe from 'axe-core'
import type { AxeResults } from 'axe-core'
import type { BrowserContextOptions, Page } from '@playwright/test'
import type { BoardPage } from './fixtures/board'
import { small } from './fixtures/reach'
import { expect, test } from './fixtures/test'

/** What is wrong by axe's rules with the page, or with the part of it that has a sign in it, as far as it keeps people out. */
async function barriers(page: Page, sign?: string): Promise<string[]> {
  if (!(await page.evaluate(() => 'axe' in window))) await page.evaluate(axe.source)
  return page.evaluate(async (sign) => {
    await Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {})))
    const inside = sign === undefined ? document : document.querySelector(sign)!
    const part = inside instanceof Element ? (inside.closest('[role=dialog], [role=menu], [role=search], aside, .panel') ?? inside) : inside
    const { violations } = await (window as unknown as { axe: { run(part: unknown, o: object): Promise<AxeResults> } }).axe.run(part, { resultTypes: ['violations'] })
    return violations
      .filter(({ impact }) => impact === 'serious' || impact === 'critical')
      .flatMap(({ id, nodes }) => nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 200)} ${failureSummary}`))
  }, sign)
}

interface Screen {
  readonly name: string
  /** Brings it on from the bare board. */
  open(person: BoardPage): Promise<unknown>
  /** Something that is there once it is open. */
  readonly sign: string
  /** Takes it away again. */
  close?(person: BoardPage): Promise<unknown>
}

const esc = ({ page }: BoardPage) => page.keyboard.press('Escape')

const SCREENS: readonly Screen[] = [
  { name: 'chat', open: (person) => person.openChat(), sign: '[data-testid=chat-input]', close: (person) => person.openChat() },
  {
    name: 'a thread of comments',
    open: async ({ page, canvas }) => {
      await canvas.press('Alt+c')
      await page.mouse.click(700, 600)
      await page.getByTestId('comment-input').fill('See https://example.com')
      await page.getByTestId('comment-input').press('Enter')
    },
    sign: '[data-testid=thread-resolve]',
    close: esc,
  },
  { name: 'the list of comments', open: ({ page }) => page.getByTestId('comments-toggle').click(), sign: '[data-testid=filter-open]', close: esc },
  { name: 'share', open: ({ page }) => page.getByTestId('share').click(), sign: '[data-testid=view-link]', close: esc },
  { name: 'help', open: ({ canvas }) => canvas.press('?'), sign: '[role=dialog]', close: esc },
  { name: 'menu', open: ({ page }) => page.getByTestId('menu').click(), sign: '[data-testid=theme-dark]', close: esc },
  { name: 'people', open: ({ page }) => page.getByTestId('people').locator('button').click(), sign: '.list input', close: esc },
  {
    name: 'layers',
    open: async ({ page }) => {
      await page.getByTestId('menu').click()
      await page.getByTestId('menu-layers').click()
    },
    sign: '[data-testid=layers]',
    close: ({ page }) => page.getByTestId('layers-close').click(),
  },
  { name: 'the menu of a shape', open: ({ page }) => page.mouse.click(400, 360, { button: 'right' }), sign: '[role=menu]', close: esc },
  {
    name: 'export',
    open: async ({ page }) => {
      await page.getByTestId('menu').click()
      await page.getByTestId('menu-export').click()
    },
    sign: '[data-testid=export-dialog]',
    close: esc,
  },
  {
    name: 'a picture that could not be uploaded',
    open: async ({ page }) => {
      await page.route('**/background/upload?*', (route) => route.abort())
      await page.evaluate(async () => {
        const blob = await new Promise<Blob | null>((done) => document.createElement('canvas').toBlob(done))
        const data = new DataTransfer()
        data.items.add(new File([blob!], 'dot.png', { type: 'image/png' }))
        document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
      })
    },
    sign: '[data-testid=picture-retry]',
    close: ({ page }) => page.getByTestId('picture-remove').click(),
  },
  { name: 'find', open: ({ canvas }) => canvas.press('Control+f'), sign: '[data-testid=find-input]', close: esc },
  { name: 'palette', open: ({ canvas }) => canvas.press('Control+k'), sign: '[role=combobox], [role=searchbox], input[type=search]', close: esc },
]

const LOOKS: readonly { readonly language: string; readonly colorScheme: 'light' | 'dark' }[] = [
  { language: 'en', colorScheme: 'light' },
  { language: 'en', colorScheme: 'dark' },
  { language: 'ar', colorScheme: 'light' },
  { language: 'ar', colorScheme: 'dark' },
]

/** A browser that speaks a language. */
const speaking = (language: string): BrowserContextOptions => ({
  storageState: { cookies: [], origins: [] },
  locale: { en: 'en-GB', ar: 'ar-EG', de: 'de-DE' }[language] ?? language,
})

for (const { language, colorScheme } of LOOKS) {
  test(`nothing keeps people out: ${language}, ${colorScheme}`, async ({ board, join, server }) => {
    test.slow()
    const person = await join(board.links.edit, { ...speaking(language), colorScheme, reducedMotion: 'reduce' })
    const { page } = person
    await expect(page.locator('html')).toHaveAttribute('dir', language === 'ar' ? 'rtl' : 'ltr')
    await expect(page.locator('html')).toHaveAttribute('lang', language)
    expect.soft(await barriers(page), 'the empty board').toEqual([])

    await person.draw('rect', [400, 300], [600, 420])
    await person.draw('ellipse', [700, 300], [860, 420])
    await person.canvas.press('Control+a')
    await expect(page.locator('[role=option][aria-selected=true]')).toHaveCount(2)
    expect.soft(await barriers(page), 'a selection').toEqual([])

    for (const { name, open, sign, close } of SCREENS) {
      await open(person)
      await expect(page.locator(sign).first(), name).toBeVisible()
      expect.soft(await barriers(page, sign), name).toEqual([])
      await close?.(person)
    }

    await page.goto(server.url)
    await expect(page.getByTestId('recent-board')).toBeVisible()
    expect.soft(await barriers(page), 'home').toEqual([])
  })
}

const PHONE: BrowserContextOptions = { viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true, deviceScaleFactor: 2 }

test('on a phone everything is as large as a fingertip, and nothing keeps people out', async ({ board, join, server }) => {
  const person = await join(board.links.edit, PHONE)
  const { page } = person
  expect.soft(await small(page), 'the board').toEqual([])
  expect.soft(await barriers(page), 'the board').toEqual([])
  await person.draw('rect', [100, 300], [250, 420])
  await page.getByTestId('style').tap()
  await expect(page.getByTestId('sheet')).toBeVisible()
  expect.soft(await small(page), 'the sheet').toEqual([])
  expect.soft(await barriers(page), 'the sheet').toEqual([])
  await page.getByTestId('sheet-grip').tap()
  await page.getByTestId('menu').tap()
  expect.soft(await small(page), 'the menu').toEqual([])
  await page.goto(server.url)
  expect.soft(await small(page), 'home').toEqual([])
})

test('on a tablet that lies the panel of styles is as large as fingertips, and has names for what it shows', async ({ board, join }) => {
  const person = await join(board.links.edit, { ...speaking('ar'), viewport: { width: 1180, height: 820 }, hasTouch: true })
  const { page } = person
  for (const [tool, sign] of [['arrow', 'endhead-none'], ['note', 'fontsize-XL'], ['text', 'fontsize-XL']] as const) {
    await person.choose(tool)
    await expect(page.getByTestId(sign)).toBeAttached()
    expect.soft(await small(page, '.style-panel'), tool).toEqual([])
    expect.soft(await barriers(page, '.style-panel'), tool).toEqual([])
  }
  await person.draw('rect', [400, 300], [600, 420])
  await page.getByTestId('menu').tap()
  await page.getByTestId('menu-export').tap()
  await expect(page.getByTestId('export-dialog')).toBeVisible()
  expect.soft(await small(page, '[data-testid=export-dialog]')).toEqual([])
})

test('on a phone what a message offers is as large as a fingertip, and above a sheet', async ({ board, join }) => {
  const { page, canvas } = await join(board.links.edit, PHONE)
  await canvas.press('Alt+c')
  await page.touchscreen.tap(200, 300)
  await page.getByTestId('comment-input').fill('?')
  await page.getByTestId('comment-input').press('Enter')
  // Another sheet comes and goes.
  await page.getByTestId('comments-toggle').tap()
  await page.getByTestId('comment-list').press('Escape')
  await page.evaluate(() => {
    const data = new DataTransfer()
    data.items.add(new File(['{"type":"excalidraw","elements":3}'], 'x.excalidraw'))
    document.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }))
  })
  await expect(page.getByTestId('notice')).toBeVisible()
  expect.soft(await small(page, '.notices')).toEqual([])
  if (await page.getByTestId('thread').isVisible()) {
    const gap = async () => (await page.getByTestId('thread').boundingBox())!.y - (({ y, height }) => y + height)((await page.getByTestId('notice').boundingBox())!)
    await expect.poll(gap).toBeGreaterThan(0)
  }
})

test('on a phone the button of styles says when there is nothing to style', async ({ board, join }) => {
  const person = await join(board.links.edit, PHONE)
  await person.choose('select')
  await expect(person.page.getByTestId('style')).toBeDisabled()
  await person.choose('pen')
  await expect(person.page.getByTestId('style')).toBeEnabled()
})

test('whoever wants no motion gets none', async ({ board, join }) => {
  const { page } = await join(board.links.edit, { reducedMotion: 'reduce' })
  await page.getByTestId('share').click()
  await expect(page.getByTestId('view-link')).toBeVisible()
  const lasting = await page.evaluate(() =>
    document.getAnimations().filter((animation) => Number(animation.effect?.getComputedTiming().duration ?? 0) > 20).map((animation) => (animation as CSSAnimation).animationName),
  )
  expect(lasting).toEqual([])
})

test('in forced colours panels have edges, and what is chosen and colours to choose from can be seen', async ({ board, join }) => {
  const { page, draw } = await forced(await join(board.links.edit, { forcedColors: 'active' }))
  const look = (sign: string, part?: string) => page.locator(sign).first().evaluate((one, part) => (({ backgroundColor, outlineStyle }) => ({ backgroundColor, outlineStyle }))(getComputedStyle(one, part)), part)
  const ground = (await look('.tool-bar')).backgroundColor
  await draw()
  await expect.poll(async () => (await look('[data-testid=tool-select]')).backgroundColor).not.toBe(ground)
  for (const panel of ['.tool-bar', '.style-panel']) expect((await look(panel)).outlineStyle, panel).toBe('solid')
  const colors = new Set(await Promise.all(['red', 'green', 'purple'].map(async (color) => (await look(`[data-testid=color-${color}]`, '::before')).backgroundColor)))
  expect(colors.size).toBe(3)
  await page.keyboard.press('Shift+F10')
  expect((await look('.menu-sheet')).outlineStyle).toBe('solid')
  expect((await look('.menu-item:focus')).backgroundColor).not.toBe(ground)
})

/** Waits until the page has seen that its colours are forced. */
async function forced(person: BoardPage) {
  const { page } = person
  await expect.poll(() => page.locator('.tool-bar').evaluate((one) => getComputedStyle(one).outlineStyle)).toBe('solid')
  return { page, draw: () => person.draw('rect', [300, 300], [500, 400]) }
}

test('at 200 % the bars do not cover each other', async ({ board, join }) => {
  const person = await join(board.links.edit, { viewport: { width: 640, height: 400 }, deviceScaleFactor: 2 })
  const covered = await person.page.evaluate(() => {
    const all = [...document.querySelectorAll<HTMLElement>('.panel, [role=toolbar]')].filter((one) => one.checkVisibility() && !one.closest('.unseen'))
    const boxes = all.map((one) => ({ one, box: one.getBoundingClientRect() })).filter(({ box }) => box.width > 0)
    return boxes.flatMap(({ one: a, box: p }, i) =>
      boxes.slice(i + 1).filter(({ one: b, box: q }) => !a.contains(b) && !b.contains(a) && p.left < q.right - 1 && q.left < p.right - 1 && p.top < q.bottom - 1 && q.top < p.bottom - 1).map(({ one: b }) => `${a.className} over ${b.className}`),
    )
  })
  expect(covered).toEqual([])
})

test('a dialog keeps the focus and gives it back', async ({ board, join }) => {
  const { page } = await join(board.links.edit)
  await page.getByTestId('share').focus()
  await page.keyboard.press('Enter')
  await expect(page.getByTestId('view-link')).toBeVisible()
  for (let i = 0; i < 12; i++) {
    await page.keyboard.press('Tab')
    expect(await page.evaluate(() => document.activeElement?.closest('[role=dialog]') !== null)).toBe(true)
  }
  await page.keyboard.press('Escape')
  await expect(page.getByTestId('share')).toBeFocused()
})

for (const { name, key, sign } of [
  { name: 'the chat', key: '/', sign: '[data-testid=chat-input]' },
  { name: 'the search', key: 'Control+f', sign: '[data-testid=find-input]' },
  { name: 'help', key: '?', sign: '[data-testid=help-search]' },
  { name: 'the palette', key: 'Control+k', sign: '[data-testid=palette-input]' },
]) {
  test(`${name} takes the focus to where one writes, and gives it back`, async ({ board, join }) => {
    const { page, canvas } = await join(board.links.edit)
    await canvas.focus()
    await page.keyboard.press(key)
    await expect(page.locator(sign)).toBeFocused()
    await page.keyboard.press('Escape')
    await expect(page.locator(sign)).toHaveCount(0)
    await expect(canvas).toBeFocused()
  })
}

for (const { name, key, sign, chunk } of [
  { name: 'the chat', key: '/', sign: 'chat-input', chunk: 'ChatPanel' },
  { name: 'the search', key: 'Control+f', sign: 'find-input', chunk: 'FindBar' },
  { name: 'help', key: '?', sign: 'help-search', chunk: 'HelpDialog' },
  { name: 'the palette', key: 'Control+k', sign: 'palette-input', chunk: 'CommandPalette' },
]) {
  test(`what is typed while ${name} is being fetched is written there`, async ({ board, join }) => {
    const { page, canvas } = await join(board.links.edit)
    let fetched = () => {}
    const held = new Promise<void>((resolve) => (fetched = resolve))
    await page.route(new RegExp(`/${chunk}\\.js`), (route) => held.then(() => route.continue()))
    await canvas.focus()
    const asked = page.waitForRequest(new RegExp(`/${chunk}\\.js`))
    await page.keyboard.press(key)
    await asked
    await page.keyboard.type('vert')
    await page.keyboard.press('Backspace')
    await expect(canvas).toHaveAttribute('data-pointer', 'pen')
    fetched()
    await expect(page.getByTestId(sign)).toHaveValue('ver')
    await expect(page.getByTestId(sign)).toBeFocused()
    await page.keyboard.type('y')
    await expect(page.getByTestId(sign)).toHaveValue('very')
    await page.keyboard.press('Escape')
    await expect(canvas).toBeFocused()
  })
}

test('the lists of layers and of comments give the focus back', async ({ board, join }) => {
  const { page, canvas } = await join(board.links.edit)
  await page.getByTestId('layers-toggle').press('Enter')
  await page.getByTestId('layer-add').press('Enter')
  await page.getByTestId('layer-name').press('Enter')
  await page.getByTestId('layer-choose').first().focus()
  await page.keyboard.press('Escape')
  await expect(page.getByTestId('layers')).toHaveCount(0)
  await expect(page.getByTestId('layers-toggle')).toBeFocused()

  await canvas.press('Alt+c')
  await page.mouse.click(700, 600)
  await page.getByTestId('comment-input').fill('?')
  await page.getByTestId('comment-input').press('Enter')
  await page.keyboard.press('Escape')
  await page.getByTestId('comments-toggle').press('Enter')
  await expect(page.getByTestId('comment-list').getByRole('heading')).toBeFocused()
  await page.keyboard.press('Escape')
  await expect(page.getByTestId('comments-toggle')).toBeFocused()
})

test('the language can be changed, and is kept', async ({ board, join, server }) => {
  const person = await join(board.links.edit)
  const { page } = person
  await page.getByTestId('menu').click()
  await page.getByTestId('language').selectOption('ar')
  await expect(page.locator('html')).toHaveAttribute('dir', 'rtl')
  await page.goto(server.url)
  await expect(page.locator('html')).toHaveAttribute('lang', 'ar')
  await page.getByTestId('language').selectOption('de')
  await expect(page.getByTestId('new-board')).toHaveText('Neues Board')
})
